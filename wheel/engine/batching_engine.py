"""The engine: one thread that answers everybody, as many at once as there are.

A request is answered from the logits cache, or joined to the same one under way, or computed: its
longest known prefix is taken from the prefix cache, and only what is new goes through the model,
packed together with everybody else's.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wheel.engine.batch import Runner
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.request import ContextKey, InferenceRequest, Logits
from wheel.engine.scheduler import Scheduler, Sequence, Step
from wheel.engine.statistics import EngineStatistics
from wheel.errors import ContextFullError, EngineBusyError, EngineFailedError, TokenWheelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """max_waiting     requests that may wait; one more is refused
    timeout_s       how long a request may wait to be taken up
    max_batch_size  sequences in one forward pass
    chunk_tokens    tokens of prefill in one forward pass
    """

    max_waiting: int = 256
    timeout_s: float = 30.0
    max_batch_size: int = 32
    chunk_tokens: int = 128


DEFAULT_LIMITS = EngineLimits()


class BatchingEngine:
    """runner_for gives the runner of a model, loading it if need be; called by whoever asks, so
    that a model that takes long to load holds up nobody else."""

    def __init__(
        self,
        runner_for: Callable[[str], Runner],
        *,
        logits_cache: LogitsCache,
        prefix_cache: PrefixCache,
        look_ahead: LookAhead | None = None,
        limits: EngineLimits = DEFAULT_LIMITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner_for = runner_for
        self._logits_cache = logits_cache
        self._prefix_cache = prefix_cache
        self._look_ahead = look_ahead
        self._limits = limits
        self._clock = clock
        self._scheduler = Scheduler(
            self._admit,
            max_batch_size=limits.max_batch_size,
            chunk_tokens=limits.chunk_tokens,
        )
        self._runners: dict[str, Runner] = {}
        self._under_way: dict[ContextKey, InferenceRequest] = {}
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self._statistics = EngineStatistics()

    def start(self) -> None:
        with self._changed:
            self._ensure_thread()

    def stop(self) -> None:
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def is_alive(self) -> bool:
        thread = self._thread
        return thread is not None and thread.is_alive()

    def statistics(self) -> EngineStatistics:
        with self._changed:
            return replace(
                self._statistics,
                num_waiting=self._scheduler.num_waiting,
                logits_cache_bytes=self._logits_cache.num_bytes,
                prefix_cache_bytes=self._prefix_cache.num_bytes,
                batch_counts=list(self._statistics.batch_counts),
            )

    def next_logits(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Logits]":
        try:
            self._prepare(model_id)
        except TokenWheelError as error:
            return failed(error)
        key = (model_id, token_ids)
        with self._changed:
            if self._look_ahead is not None:
                self._look_ahead.pass_by(key)
            if len(token_ids) > (context_length := self._runners[model_id].context_length):
                return failed(ContextFullError(too_long_message(len(token_ids), context_length)))
            row = self._logits_cache.get(key)
            self._statistics.count_lookup(is_hit=row is not None)
            self._ensure_thread()
            if row is None:
                return self._join_or_add(key)
            self._show(key, row)
            self._changed.notify()
            return answered(row)

    def prefetch(self, model_id: str, token_ids: tuple[int, ...]) -> None:
        runner = self._runners.get(model_id)
        if self._look_ahead is None or runner is None or len(token_ids) > runner.context_length:
            return
        key = (model_id, token_ids)
        with self._changed:
            self._look_ahead.pass_by(key)
            self._look_ahead.prefetch(key)
            self._changed.notify()

    def _join_or_add(self, key: ContextKey) -> "Future[Logits]":
        request = self._under_way.get(key)
        if request is None:
            if self._is_stopping or self._scheduler.num_waiting >= self._limits.max_waiting:
                return failed(EngineBusyError())
            request = InferenceRequest(*key, deadline=self._clock() + self._limits.timeout_s)
            self._add(request)
        return request.join()

    def _add(self, request: InferenceRequest) -> None:
        self._under_way[request.key] = request
        self._scheduler.add(request)
        self._changed.notify()

    def _ensure_thread(self) -> None:
        """Start the thread where there is none, after one that died too."""
        if not self.is_alive():
            self._clean_up()
            self._is_stopping = False
            self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
            self._thread.start()

    def _prepare(self, model_id: str) -> None:
        if model_id not in self._runners:
            runner = self._runner_for(model_id)
            with self._changed:
                self._runners.setdefault(model_id, runner)

    def _work(self) -> None:
        while (step := self._next_step()) is not None:
            self._run(step)

    def _next_step(self) -> Step | None:
        """Wait for something to do; None when the engine is to stop and nothing is under way."""
        with self._changed:
            while True:
                self._refuse_late_requests()
                if self._scheduler.has_work():
                    return self._scheduler.schedule()
                if self._is_stopping:
                    self._thread = None
                    return None
                if not self._add_look_ahead():
                    self._changed.wait(timeout=self._seconds_to_look_ahead())

    def _add_look_ahead(self) -> bool:
        """Only called when nobody waits, so it delays nobody by more than its one step."""
        if self._look_ahead is None:
            return False
        requests = self._look_ahead.next_requests(
            lambda key: key in self._logits_cache,
            now=self._clock(),
            max_requests=self._limits.max_batch_size,
        )
        for request in requests:
            self._add(request)
        return bool(requests)

    def _seconds_to_look_ahead(self) -> float | None:
        return None if self._look_ahead is None else self._look_ahead.seconds_to_next(self._clock())

    def _refuse_late_requests(self) -> None:
        now = self._clock()
        over = self._scheduler.take_waiting(lambda r: now > r.deadline or not r.is_wanted())
        for request in over:
            del self._under_way[request.key]
            request.fail(EngineBusyError())

    def _admit(self, request: InferenceRequest) -> Sequence:
        allocate = self._runners[request.model_id].allocate
        buffer = self._prefix_cache.lease(request.model_id, request.token_ids, allocate)
        self._statistics.count_prefix(buffer.num_tokens)
        return Sequence(request, buffer, num_computed=buffer.num_tokens)

    def _run(self, step: Step) -> None:
        """One forward pass. What goes wrong in it concerns its own requests only."""
        try:
            rows = self._runners[step.model_id].run(step.batch)
        except Exception:
            logger.exception("a forward pass of %s failed", step.model_id)
            with self._changed:
                self._fail_step(step)
            return
        with self._changed:
            self._statistics.count_pass(len(step.sequences), step.batch.num_tokens)
            for sequence, row in zip(self._scheduler.advance(step), rows, strict=True):
                self._finish(sequence, row)

    def _finish(self, sequence: Sequence, row: Logits) -> None:
        request = sequence.request
        is_unwanted_guess = request.is_speculative and not request.futures
        kept = request.token_ids[:-1] if is_unwanted_guess else request.token_ids
        self._prefix_cache.release(request.model_id, sequence.buffer, kept)
        row = row.copy()  # a row of its own, so that its batch's other rows can be dropped
        row.flags.writeable = False
        self._logits_cache.put(request.key, row)
        if request.futures:
            self._show(request.key, row)
        del self._under_way[request.key]
        request.answer(row)

    def _show(self, key: ContextKey, row: Logits) -> None:
        """Somebody looks at this wheel, so one of its tokens may soon follow."""
        model_id, token_ids = key
        has_room = len(token_ids) < self._runners[model_id].context_length
        if self._look_ahead is not None and has_room:
            self._look_ahead.show(key, row, now=self._clock())

    def _fail_step(self, step: Step) -> None:
        self._scheduler.drop(step.sequences)
        for sequence in step.sequences:
            self._prefix_cache.discard(step.model_id, sequence.buffer)
            del self._under_way[sequence.request.key]
            sequence.request.fail(EngineFailedError())

    def _clean_up(self) -> None:
        """A thread that died leaves requests and leases; one that ended leaves nothing."""
        if self._under_way:
            for request in self._scheduler.clear():
                request.fail(EngineFailedError())
            self._under_way.clear()
            self._prefix_cache.clear()

    def check_integrity(self) -> None:
        """Between requests: nothing under way, nothing leased, all budgets kept."""
        with self._changed:
            assert not self._under_way
            assert not self._scheduler.has_work()
            self._logits_cache.check_integrity()
            self._prefix_cache.check_integrity()


def runners_of(weights: Callable[[str], "PreTrainedModel"]) -> Callable[[str], Runner]:
    """Runners of the models that `weights` gives, made when they are first asked for."""

    def runner_for(model_id: str) -> Runner:
        from wheel.engine.model_runner import ModelRunner  # noqa: PLC0415 - imports torch

        return ModelRunner(weights(model_id))

    return runner_for


def too_long_message(num_tokens: int, context_length: int) -> str:
    return f"The text has {num_tokens} tokens; the model can read at most {context_length}."


def answered(row: Logits) -> "Future[Logits]":
    future: Future[Logits] = Future()
    future.set_result(row)
    return future


def failed(error: Exception) -> "Future[Logits]":
    future: Future[Logits] = Future()
    future.set_exception(error)
    return future
