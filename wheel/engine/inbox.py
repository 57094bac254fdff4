"""Inbox: hands requests and hints from client threads to the engine's thread, and answers back.

It holds all that both sides touch, under one lock: the logits cache, the single-flight table of
requests under way, and the mail that the engine's thread has not taken. The lock is only ever held
for a few dictionary operations, never during a forward pass or a copy of keys and values, so
client threads do not wait for the engine's thread here.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import Hint
from wheel.engine.request import ContextKey, InferenceRequest, Logits, answered, failed
from wheel.engine.statistics import EngineStatistics, StatisticsRecorder
from wheel.errors import EngineBusyError, EngineFailedError

MAX_HINTS = 128  # the oldest are dropped: a hint that waits longer than 128 others is out of date


@dataclass(frozen=True, slots=True)
class Mail:
    """Everything that has arrived since the last mail; `is_closing`: finish, and end the thread."""

    requests: list[InferenceRequest]
    hints: list[Hint]
    is_closing: bool


class Inbox:
    """max_waiting   requests that may wait to be taken up; one more is refused
    timeout_s     how long a request may wait to be taken up
    takes_hints   whether there is look-ahead; hints are dropped otherwise
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
        self._under_way: dict[ContextKey, InferenceRequest] = {}  # single flight: one a context
        self._waiting: set[InferenceRequest] = set()  # those under way that are not taken up
        self._requests: list[InferenceRequest] = []
        self._hints: deque[Hint] = deque(maxlen=MAX_HINTS)
        self._num_hits = self._num_misses = 0  # counted here, since the lock is held anyway
        self._is_closed = False
        self._changed = threading.Condition()

    # For client threads

    def ask(self, key: ContextKey) -> "Future[Logits]":
        """Answer from the logits cache, or join the same request under way, or queue a new one.

        The future raises `EngineBusyError` where the queue is full or the inbox is closed.
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
        """Refuse the mail that was not taken and all new requests, and let the thread end."""
        with self._changed:
            self._is_closed = True
            refused, self._requests = self._requests, []
            self._forget(refused)
            self._changed.notify()
        for request in refused:
            request.fail(EngineBusyError())

    def open(self) -> None:
        """For use while no engine's thread runs. Requests that a dead thread left behind fail."""
        with self._changed:
            self._is_closed = False
            lost = list(self._under_way.values())
            self._requests.clear()
            self._forget(lost)
        for request in lost:
            request.fail(EngineFailedError())

    # For the engine's thread

    def take(self, timeout_s: float | None) -> Mail:
        """The mail, after waiting for some where there is none. None: wait without a limit."""
        with self._changed:
            if not (self._requests or self._hints or self._is_closed):
                self._changed.wait(timeout_s)
            mail = Mail(self._requests, list(self._hints), self._is_closed)
            self._requests = []
            self._hints.clear()
        return mail

    def is_known(self, key: ContextKey) -> bool:
        """Whether its logits are in the cache, or it is under way."""
        with self._changed:
            return key in self._logits_cache or key in self._under_way

    def add_look_ahead(self, requests: Iterable[InferenceRequest]) -> list[InferenceRequest]:
        """Enter look-ahead into the single-flight table, without those that clients asked for
        meanwhile; returns the requests entered."""
        with self._changed:
            added = [request for request in requests if request.key not in self._under_way]
            for request in added:
                self._enter(request)
        return added

    def take_up(self, request: InferenceRequest) -> None:
        """The request waits no more: it is about to be computed."""
        with self._changed:
            self._waiting.discard(request)

    def refuse_if_over(
        self, requests: list[InferenceRequest], *, now: float
    ) -> list[InferenceRequest]:
        """Refuse the requests that are over; returns them. Checked under the lock, since a client
        may have joined one a moment ago."""
        with self._changed:
            over = [request for request in requests if request.is_over(now)]
            self._forget(over)
        for request in over:
            request.fail(EngineBusyError())
        return over

    def complete(self, request: InferenceRequest, row: Logits) -> None:
        """Cache the logits and answer all clients that have joined the request."""
        with self._changed:
            self._logits_cache.put(request.key, row)
            self._forget([request])
        request.answer(row)

    def fail(self, requests: list[InferenceRequest], make_error: Callable[[], Exception]) -> None:
        """Forget the requests, and fail each with an error of its own."""
        with self._changed:
            self._forget(requests)
        for request in requests:
            request.fail(make_error())

    def check_integrity(self) -> None:
        """Between requests: nothing under way, and the logits cache within its budget."""
        with self._changed:
            assert not self._under_way
            assert not self._waiting
            assert not self._requests
            self._logits_cache.check_integrity()

    # With the lock held

    def _join_or_add(self, key: ContextKey) -> "Future[Logits]":
        request = self._under_way.get(key)
        if request is None:
            if self._is_closed or len(self._waiting) >= self._max_waiting:
                return failed(EngineBusyError())
            request = InferenceRequest(*key, deadline=self._clock() + self._timeout_s)
            self._enter(request)
            self._requests.append(request)
            self._changed.notify()
        return request.join()

    def _enter(self, request: InferenceRequest) -> None:
        self._under_way[request.key] = request
        self._waiting.add(request)

    def _forget(self, requests: list[InferenceRequest]) -> None:
        """No client can join these any more."""
        for request in requests:
            del self._under_way[request.key]
            self._waiting.discard(request)
