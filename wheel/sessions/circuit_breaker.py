"""Circuit breaker: after a slow failure, fail fast until the service answers again.

Source: M. Nygard, "Release It!", 2007.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpenError(Exception):
    """The call was not made, since the circuit is open after a slow failure."""


class CircuitBreaker:
    """Guards calls to a service that may hang.

    After one of `failures` that took `slow_s` or longer, the circuit is open: calls fail at once
    for `open_s`. Then it is half-open: one trial call at a time is made, and its success closes the
    circuit. A quick failure does not delay its caller, so it changes nothing. An exception that is
    not one of `failures` is an answer of the service, and counts as a success.
    """

    def __init__(
        self,
        *failures: type[Exception],
        slow_s: float = 0.5,
        open_s: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._slow_s = slow_s
        self._open_s = open_s
        self._now = now
        self._lock = threading.Lock()
        self._is_open = False
        self._trial_at = 0.0
        self._num_trips = 0

    @property
    def is_failing_fast(self) -> bool:
        """Whether a call would fail at once now."""
        return self._is_open and self._now() < self._trial_at

    def trip(self) -> None:
        """Open the circuit, after the service did not answer in time."""
        with self._lock:
            self._is_open = True
            self._num_trips += 1
            self._trial_at = self._now() + self._open_s

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Run the guarded call, or raise `CircuitOpenError` instead."""
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
                if self._now() < self._trial_at:
                    raise CircuitOpenError
                # This call is the trial; until it ends or `open_s` has passed again, others fail.
                self._trial_at = self._now() + self._open_s

    def _close(self, num_trips: int) -> None:
        """Close the circuit after a successful call that began after `num_trips` trips."""
        with self._lock:
            if self._num_trips == num_trips:  # otherwise another call has failed slowly since
                self._is_open = False
