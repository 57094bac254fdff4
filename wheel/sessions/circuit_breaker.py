"""Circuit breaker: after a slow failure, fail fast until the service answers again.

Source: M. Nygard, "Release It!", 2007.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpenError(Exception):
    """The call was not made: the last failure was slow, and the rest after it is not over."""


class CircuitBreaker:
    """Guards calls to a service that may hang. After one of `failures` that took `slow_s` or
    longer, the circuit is open: calls fail at once for `rest_s`. After that, one call at a time
    probes the service, and its success closes the circuit.

    A quick failure does not delay its caller, so it changes nothing. Any other exception is an
    answer of the service, and counts as a success.
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
        self._probe_at = 0.0
        self._num_trips = 0

    @property
    def is_resting(self) -> bool:
        """Whether a call would fail at once now."""
        return self._is_open and self._now() < self._probe_at

    def trip(self) -> None:
        """Open the circuit, after the service did not answer in time."""
        with self._lock:
            self._is_open = True
            self._num_trips += 1
            self._probe_at = self._now() + self._rest_s

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
                if self._now() < self._probe_at:
                    raise CircuitOpenError
                # This call is the probe; until it ends or another rest is over, others fail.
                self._probe_at = self._now() + self._rest_s

    def _close(self, num_trips: int) -> None:
        """Close the circuit after a successful call that began after `num_trips` trips."""
        with self._lock:
            if self._num_trips == num_trips:  # else another call has failed slowly since
                self._is_open = False
