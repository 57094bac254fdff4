"""Loop of the engine's thread, and the state that only this thread touches.

Scheduler, prefix cache, key/value buffers and look-ahead need no locks, since no other thread uses
them. All exchange with other threads goes through the inbox.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from wheel.engine.arrays import Logits
from wheel.engine.batch import Runner
from wheel.engine.inbox import Inbox, InboxContents
from wheel.engine.look_ahead import LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.request import ContextKey, InferenceRequest, ScoringRequest
from wheel.engine.scheduler import ForwardPass, Scheduler, Sequence
from wheel.engine.scoring import ScoringQueue
from wheel.engine.statistics import StatisticsRecorder
from wheel.errors import EngineBusyError, EngineFailedError

logger = logging.getLogger(__name__)


class EngineWorker:
    """`runners` has a runner for each model that the inbox has requests for."""

    def __init__(
        self,
        inbox: Inbox,
        runners: Mapping[str, Runner],
        *,
        prefix_cache: PrefixCache,
        look_ahead: LookAhead | None,
        statistics: StatisticsRecorder,
        max_batch_size: int,
        chunk_tokens: int,
        clock: Callable[[], float],
    ) -> None:
        self._inbox = inbox
        self._runners = runners
        self._prefix_cache = prefix_cache
        self._look_ahead = look_ahead
        self._statistics = statistics
        self._max_batch_size = max_batch_size
        self._clock = clock
        self._scheduler = Scheduler(
            self._admit,
            self._count_new,
            max_batch_size=max_batch_size,
            chunk_tokens=chunk_tokens,
        )
        self._scoring = ScoringQueue(runners, inbox.mark_admitted, chunk_tokens=chunk_tokens)
        self._is_scorings_turn = False  # of the passes and the chunks, when there are both
        self._is_running = False

    def run(self) -> None:
        """Run forward passes until the inbox is closed. Only one thread may run this."""
        if self._is_running:
            self._clean_up()
        self._is_running = True
        while (run_next := self._next_pass()) is not None:
            run_next()
        self._is_running = False

    def check_integrity(self) -> None:
        """Call between requests. Asserts: nothing scheduled, nothing leased, the budget kept."""
        assert not self._scheduler.has_work()
        assert not self._scoring.has_work()
        self._prefix_cache.check_integrity()

    def _clean_up(self) -> None:
        """Drop the sequences and leases of a thread that has died during its work."""
        self._scheduler.clear()
        self._scoring.clear()
        self._prefix_cache.clear()

    def _next_pass(self) -> Callable[[], None] | None:
        """Wait for work, and return the function that does it; None when the inbox is closed and
        nothing is under way."""
        timeout_s: float | None = 0.0
        while True:
            contents = self._inbox.take(timeout_s)
            self._accept(contents)
            self._refuse_waiting_requests(are_all_over=contents.is_closing)
            if work := self._clients_work():
                return work
            if contents.is_closing:
                return None
            if self._add_look_ahead():
                return partial(self._run, self._scheduler.schedule())
            timeout_s = self._seconds_to_look_ahead()

    def _clients_work(self) -> Callable[[], None] | None:
        """A forward pass, or a chunk of a text to score; if there is both, they take turns."""
        can_score, can_pass = self._scoring.has_work(), self._scheduler.has_work()
        if can_score and (self._is_scorings_turn or not can_pass):
            self._is_scorings_turn = False
            return self._score_chunk
        if can_pass:
            self._is_scorings_turn = True
            return partial(self._run, self._scheduler.schedule())
        return None

    def _accept(self, contents: InboxContents) -> None:
        for request in contents.requests:
            self._queue_of(request).add(request)
        if self._look_ahead is None:
            return
        for hint in contents.hints:
            self._look_ahead.stop_speculation_on_parent(hint.key)
            if hint.is_prefetch:
                self._look_ahead.prefetch(hint.key)
            elif hint.row is not None:
                self._speculate(hint.key, hint.row, now=hint.time_s)

    def _refuse_waiting_requests(self, *, are_all_over: bool) -> None:
        """Refuse requests that are late, cancelled, or still waiting when the engine stops."""
        refused: list[InferenceRequest] = [
            *self._scheduler.waiting_requests(),
            *self._scoring.waiting_requests(),
        ]
        if are_all_over:
            self._inbox.fail(refused, EngineBusyError)
        elif refused:
            now = self._clock()
            late = [request for request in refused if request.is_obsolete(now)]
            refused = self._inbox.refuse_obsolete(late, now=now)
        for request in refused:
            self._queue_of(request).remove_waiting(request)

    def _queue_of(self, request: InferenceRequest) -> Any:
        return self._scoring if isinstance(request, ScoringRequest) else self._scheduler

    def _add_look_ahead(self) -> bool:
        """Schedule look-ahead; returns whether there is any. It is called only while no client
        waits, so that look-ahead delays a request by one forward pass at most."""
        if self._look_ahead is None:
            return False
        requests = self._look_ahead.next_requests(
            self._inbox.is_known, now=self._clock(), max_requests=self._max_batch_size
        )
        added = self._inbox.add_look_ahead(requests)
        for request in added:
            self._scheduler.add(request)
        return bool(added)

    def _seconds_to_look_ahead(self) -> float | None:
        return None if self._look_ahead is None else self._look_ahead.seconds_to_next(self._clock())

    def _count_new(self, request: InferenceRequest) -> int:
        known = self._prefix_cache.count_known(request.model_id, request.token_ids[:-1])
        return len(request.token_ids) - known

    def _admit(self, request: InferenceRequest) -> Sequence:
        self._inbox.mark_admitted(request)
        allocate = self._runners[request.model_id].allocate
        buffer = self._prefix_cache.lease(request.model_id, request.token_ids, allocate)
        self._statistics.count_prefix(buffer.num_tokens)
        return Sequence(request, buffer, num_computed=buffer.num_tokens)

    def _run(self, forward_pass: ForwardPass) -> None:
        """An exception fails the requests of this forward pass only."""
        try:
            rows = self._runners[forward_pass.model_id].run(forward_pass.batch)
        except Exception:
            logger.exception("a forward pass of %s failed", forward_pass.model_id)
            self._fail(forward_pass)
            return
        self._statistics.count_pass(len(forward_pass.sequences), forward_pass.batch.num_tokens)
        for sequence, row in zip(self._scheduler.advance(forward_pass), rows, strict=True):
            self._finish(sequence, row)

    def _score_chunk(self) -> None:
        """An exception fails the text; one that no client waits for any more is dropped."""
        request = self._scoring.current_request()
        num_read = request.num_read
        try:
            if request.is_wanted():
                self._scoring.run_chunk()
        except Exception:
            logger.exception("a forward pass of %s failed", request.model_id)
            self._scoring.drop_current()
            self._inbox.fail([request], EngineFailedError)
            return
        if request.num_read == num_read:
            self._scoring.drop_current()
            self._inbox.fail([request], EngineBusyError)
            return
        self._statistics.count_pass(1, request.num_read - num_read)
        if request.is_complete:
            self._inbox.complete_scoring(request)

    def _finish(self, sequence: Sequence, row: Logits) -> None:
        request = sequence.request
        self._keep_prefix(sequence)
        row = row.copy()  # a copy, so that the memory of the batch's other rows can be freed
        row.flags.writeable = False
        self._inbox.complete(request, row)
        if request.futures:
            self._speculate(request.key, row, now=self._clock())

    def _keep_prefix(self, sequence: Sequence) -> None:
        """Release the buffer to the prefix cache. The last token of a speculative context is left
        out, so that the next speculation on the same parent needs no copy. If a client joins the
        request at this moment, the cost is one more token of prefill later."""
        request = sequence.request
        is_unconfirmed = request.is_speculative and not request.futures
        kept = request.token_ids[:-1] if is_unconfirmed else request.token_ids
        self._prefix_cache.release(request.model_id, sequence.buffer, kept)
        self._statistics.set_prefix_cache_bytes(self._prefix_cache.num_bytes)

    def _speculate(self, key: ContextKey, row: Logits, *, now: float) -> None:
        """Start speculation on a context whose logits a client has received."""
        model_id, token_ids = key
        has_room = len(token_ids) < self._runners[model_id].context_length
        if self._look_ahead is not None and has_room:
            self._look_ahead.start_speculation(key, row, now=now)

    def _fail(self, forward_pass: ForwardPass) -> None:
        sequences = forward_pass.sequences
        self._scheduler.drop(sequences)
        for sequence in sequences:
            self._prefix_cache.discard(forward_pass.model_id, sequence.buffer)
        self._inbox.fail([sequence.request for sequence in sequences], EngineFailedError)
