"""Naive engine: one full forward pass per request, one request at a time, no caches.

The reference for the batching engine, in tests and benchmarks.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from wheel.engine.arrays import Logits
from wheel.engine.batch import Batch, Chunk, Runner
from wheel.engine.request import (
    InferenceRequest,
    ScoringRequest,
    check_context_length,
    check_text_to_score,
)
from wheel.engine.scores import Scores
from wheel.engine.statistics import EngineStatistics, StatisticsRecorder
from wheel.errors import EngineBusyError, EngineFailedError, TokenWheelError

logger = logging.getLogger(__name__)

Forward = Callable[[Runner, tuple[int, ...]], Logits]
ForwardAll = Callable[[Runner, tuple[int, ...]], Scores]


def full_forward(runner: Runner, token_ids: tuple[int, ...]) -> Logits:
    """Logits after the last of `token_ids`, float32 (vocabulary_size,)."""
    rows = runner.run(Batch([whole(runner, token_ids)]))
    row: Logits = rows[0]
    return row


def score_all(runner: Runner, token_ids: tuple[int, ...]) -> Scores:
    """The scores of all tokens but the first, from the logits of one forward pass."""
    return runner.score(whole(runner, token_ids[:-1]), token_ids[1:])


def whole(runner: Runner, token_ids: tuple[int, ...]) -> Chunk:
    """All tokens as one chunk, in a buffer of its own."""
    return Chunk(runner.allocate(len(token_ids)), token_ids, start=0, is_last=True)


class NaiveEngine:
    """`runner_for` returns the runner of a model, and loads the model if necessary.

    max_waiting  requests that may wait; one more is refused
    timeout_s    how long a request may wait before it is refused
    """

    def __init__(
        self,
        runner_for: Callable[[str], Runner],
        *,
        max_waiting: int = 256,
        timeout_s: float = 30.0,
        forward: Forward = full_forward,
        forward_all: ForwardAll = score_all,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner_for = runner_for
        self._max_waiting = max_waiting
        self._timeout_s = timeout_s
        self._forward = forward
        self._forward_all = forward_all
        self._clock = clock
        self._statistics = StatisticsRecorder()
        self._waiting: deque[InferenceRequest] = deque()
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._num_requests = 0
        self._changed = threading.Condition()  # guards the four attributes above

    def start(self) -> None:
        with self._changed:
            self._ensure_thread()

    def stop(self) -> None:
        with self._changed:
            thread, self._is_stopping = self._thread, True
            refused, self._waiting = self._waiting, deque()
            self._changed.notify()
        for request in refused:
            request.fail(EngineBusyError())
        if thread is not None:
            thread.join()

    def is_alive(self) -> bool:
        thread = self._thread
        return thread is not None and thread.is_alive()

    def next_logits(
        self,
        model_id: str,
        token_ids: tuple[int, ...],
        *,
        affinity_key: str = "",
    ) -> "Future[Logits]":
        return self._queue(InferenceRequest(model_id, token_ids, self._clock() + self._timeout_s))

    def _queue(self, request: InferenceRequest) -> "Future[Any]":
        future = request.join()
        with self._changed:
            self._num_requests += 1
            self._ensure_thread()
            if self._is_stopping or len(self._waiting) >= self._max_waiting:
                request.fail(EngineBusyError())
            else:
                self._waiting.append(request)
                self._changed.notify()
        return future

    def score(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Scores]":
        request = ScoringRequest(model_id, token_ids, self._clock() + self._timeout_s)
        return self._queue(request)

    def statistics(self) -> EngineStatistics:
        with self._changed:
            return self._statistics.snapshot(
                num_waiting=len(self._waiting), num_logits_misses=self._num_requests
            )

    def prefetch(
        self,
        model_id: str,
        token_ids: tuple[int, ...],
        *,
        affinity_key: str = "",
    ) -> None:
        """Ignored, since there is no cache for the result."""

    def _ensure_thread(self) -> None:
        if not self.is_alive():
            self._is_stopping = False
            self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (request := self._next_request()) is not None:
            if request.is_wanted():
                self._compute(request)

    def _next_request(self) -> InferenceRequest | None:
        """The request that has waited longest; None if the thread has to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_stopping)
            if self._is_stopping:
                self._thread = None
                return None
            return self._waiting.popleft()

    def _compute(self, request: InferenceRequest) -> None:
        """Answer the request. An exception fails this request only; the thread continues."""
        if self._clock() > request.deadline:
            request.fail(EngineBusyError())
            return
        num_tokens = len(request.token_ids)
        try:
            runner = self._runner_for(request.model_id)
            result = self._result(runner, request)
        except TokenWheelError as error:
            request.fail(error)
        except Exception:
            logger.exception("a forward pass of %s failed", request.model_id)
            request.fail(EngineFailedError())
        else:
            self._statistics.count_prefix(0)
            self._statistics.count_pass(1, num_tokens)
            request.answer(result)

    def _result(self, runner: Runner, request: InferenceRequest) -> Logits | Scores:
        context_length = runner.context_length
        if isinstance(request, ScoringRequest):
            check_text_to_score(len(request.token_ids), context_length)
            return self._forward_all(runner, request.token_ids)
        check_context_length(len(request.token_ids), context_length)
        row = self._forward(runner, request.token_ids)
        row.flags.writeable = False
        return row
