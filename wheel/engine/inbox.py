"""Inbox: passes requests and hints from client threads to the engine's thread, and answers back.

It holds the state that both sides use, under one lock: the logits cache, the single-flight table
of requests under way, and the requests and hints that the engine's thread has not taken yet. The
lock is held for a few dictionary operations only, never during a forward pass or a copy of keys
and values, so client threads do not wait for the engine's thread here.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from wheel.engine.arrays import Logits
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import Hint
from wheel.engine.request import (
    ContextKey,
    InferenceRequest,
    ScoringRequest,
    answered,
    failed,
)
from wheel.engine.scores import Scores
from wheel.engine.statistics import EngineStatistics, StatisticsRecorder
from wheel.errors import EngineBusyError, EngineFailedError

MAX_HINTS = 128  # beyond that the oldest are dropped, since they are out of date


@dataclass(frozen=True, slots=True)
class InboxContents:
    """Requests and hints that arrived since the last `take`. `is_closing`: the engine's thread has
    to finish its work and end."""

    requests: list[InferenceRequest]
    hints: list[Hint]
    is_closing: bool


class Inbox:
    """max_waiting   requests that may wait to be admitted to a batch; one more is refused
    timeout_s     how long a request may wait to be admitted to a batch
    takes_hints   whether hints are kept, for look-ahead; they are dropped otherwise
    """

    def __init__(
        self,
        logits_cache: LogitsCache,
        statistics: StatisticsRecorder,
        *,
        max_waiting: int,
        timeout_s: float,
        takes_hints: bool,
        clock: Callable[[], float],
    ) -> None:
        self._logits_cache = logits_cache
        self._statistics = statistics
        self._max_waiting = max_waiting
        self._timeout_s = timeout_s
        self._takes_hints = takes_hints
        self._clock = clock
        self._under_way: dict[ContextKey, InferenceRequest] = {}  # single flight: one per context
        self._waiting: set[InferenceRequest] = set()  # those under way but not admitted
        self._requests: list[InferenceRequest] = []
        self._hints: deque[Hint] = deque(maxlen=MAX_HINTS)
        self._num_hits = self._num_misses = 0  # counted under the inbox's own lock
        self._is_closed = False
        self._changed = threading.Condition()

    # For client threads

    def submit(self, key: ContextKey) -> "Future[Logits]":
        """Answer from the logits cache, or join an equal request under way, or queue a new one.

        The future raises `EngineBusyError` if the queue is full or the inbox is closed.
        """
        with self._changed:
            row = self._logits_cache.get(key)
            if self._takes_hints:
                self._hints.append(Hint(key, row=row, time_s=self._clock()))
                self._changed.notify()
            if row is None:
                self._num_misses += 1
                return self._join_or_add(key)
            self._num_hits += 1
        return answered(row)

    def submit_scoring(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Scores]":
        """Join an equal request under way, or queue a new one; raises as `submit` does."""
        with self._changed:
            deadline = self._clock() + self._timeout_s
            return self._join_or_queue(ScoringRequest(model_id, token_ids, deadline))

    def add_hint(self, hint: Hint) -> None:
        if self._takes_hints:
            with self._changed:
                self._hints.append(hint)
                self._changed.notify()

    def statistics(self) -> EngineStatistics:
        with self._changed:
            return self._statistics.snapshot(
                num_waiting=len(self._waiting),
                logits_cache_bytes=self._logits_cache.num_bytes,
                num_logits_hits=self._num_hits,
                num_logits_misses=self._num_misses,
            )

    def close(self) -> None:
        """Refuse the requests that were not taken and all new ones, and let the thread end."""
        with self._changed:
            self._is_closed = True
            refused, self._requests = self._requests, []
            self._remove(refused)
            self._changed.notify()
        for request in refused:
            request.fail(EngineBusyError())

    def open(self) -> None:
        """Call while no engine's thread runs. Requests that a dead thread has left behind fail."""
        with self._changed:
            self._is_closed = False
            lost = list(self._under_way.values())
            self._requests.clear()
            self._remove(lost)
        for request in lost:
            request.fail(EngineFailedError())

    # For the engine's thread

    def take(self, timeout_s: float | None) -> InboxContents:
        """Take everything out of the inbox. If it is empty, first wait, at most `timeout_s`
        seconds, or without a limit if that is None."""
        with self._changed:
            if not (self._requests or self._hints or self._is_closed):
                self._changed.wait(timeout_s)
            contents = InboxContents(self._requests, list(self._hints), self._is_closed)
            self._requests = []
            self._hints.clear()
        return contents

    def is_known(self, key: ContextKey) -> bool:
        """Whether this context's logits are cached, or a request for it is under way."""
        with self._changed:
            return key in self._logits_cache or key in self._under_way

    def add_look_ahead(self, requests: Iterable[InferenceRequest]) -> list[InferenceRequest]:
        """Add look-ahead requests to the single-flight table, except those for contexts that
        clients have requested since; returns the requests added."""
        with self._changed:
            added = [request for request in requests if request.key not in self._under_way]
            for request in added:
                self._enter(request)
        return added

    def mark_admitted(self, request: InferenceRequest) -> None:
        """The request no longer counts as waiting: it is in the next batches."""
        with self._changed:
            self._waiting.discard(request)

    def refuse_obsolete(
        self, requests: list[InferenceRequest], *, now: float
    ) -> list[InferenceRequest]:
        """Refuse those of the requests that are late or cancelled, and return them. This is checked
        again under the lock, since a client may just have joined one of them."""
        with self._changed:
            obsolete = [request for request in requests if request.is_obsolete(now)]
            self._remove(obsolete)
        for request in obsolete:
            request.fail(EngineBusyError())
        return obsolete

    def complete(self, request: InferenceRequest, row: Logits) -> None:
        """Cache the logits and answer all clients that have joined the request."""
        with self._changed:
            self._logits_cache.put(request.key, row)
            self._remove([request])
        request.answer(row)

    def complete_scoring(self, request: ScoringRequest) -> None:
        """Answer all clients that have joined the request. Scores are not cached."""
        with self._changed:
            self._remove([request])
        request.answer(Scores.joined(request.parts))

    def fail(self, requests: list[InferenceRequest], make_error: Callable[[], Exception]) -> None:
        """Remove the requests, and fail each with a new error."""
        with self._changed:
            self._remove(requests)
        for request in requests:
            request.fail(make_error())

    def check_integrity(self) -> None:
        """Call between requests. Asserts: nothing under way, the logits cache within its budget."""
        with self._changed:
            assert not self._under_way
            assert not self._waiting
            assert not self._requests
            self._logits_cache.check_integrity()

    # With the lock held

    def _join_or_add(self, key: ContextKey) -> "Future[Logits]":
        return self._join_or_queue(InferenceRequest(*key, deadline=self._clock() + self._timeout_s))

    def _join_or_queue(self, new: InferenceRequest) -> "Future[Any]":
        request = self._under_way.get(new.key)
        if request is None:
            if self._is_closed or len(self._waiting) >= self._max_waiting:
                return failed(EngineBusyError())
            request = new
            self._enter(request)
            self._requests.append(request)
            self._changed.notify()
        return request.join()

    def _enter(self, request: InferenceRequest) -> None:
        self._under_way[request.key] = request
        self._waiting.add(request)

    def _remove(self, requests: list[InferenceRequest]) -> None:
        """Remove requests from the single-flight table, so that no client can join them."""
        for request in requests:
            del self._under_way[request.key]
            self._waiting.discard(request)
