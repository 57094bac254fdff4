"""Do not knock again at once where somebody has just been waited for in vain."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpenError(Exception):
    """Nobody was asked: the last answer took too long, and it is too early to try again."""


class CircuitBreaker:
    """Guards calls to a service that may hang. After one of `failures` that took `slow_s` or
    longer, calls fail at once for `rest_s`; then one call at a time tries whether it is back.

    A failure that comes quickly costs nobody anything, so it changes nothing. Any other exception
    is an answer like any other.
    """

    def __init__(
        self,
        *failures: type[Exception],
        slow_s: float = 0.5,
        rest_s: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._slow_s = slow_s
        self._rest_s = rest_s
        self._now = now
        self._lock = threading.Lock()
        self._is_open = False
        self._try_again_at = 0.0
        self._num_trips = 0

    @property
    def is_resting(self) -> bool:
        return self._is_open and self._now() < self._try_again_at

    def trip(self) -> None:
        """The service did not answer in time."""
        with self._lock:
            self._is_open = True
            self._num_trips += 1
            self._try_again_at = self._now() + self._rest_s

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Raises `CircuitOpenError` instead of running what is guarded."""
        self._enter()
        started, num_trips = self._now(), self._num_trips
        try:
            yield
        except Exception as error:
            if not isinstance(error, self._failures):
                self._close(num_trips)
            elif self._now() - started >= self._slow_s:
                self.trip()
            raise
        self._close(num_trips)

    def _enter(self) -> None:
        with self._lock:
            if self._is_open:
                if self._now() < self._try_again_at:
                    raise CircuitOpenError
                # This call tries for all; whoever comes while it is at it fails at once.
                self._try_again_at = self._now() + self._rest_s

    def _close(self, num_trips: int) -> None:
        """After an answer to a call that began when there had been so many trips."""
        with self._lock:
            if self._num_trips == num_trips:  # else it has failed since, for somebody else
                self._is_open = False
