"""Forward jumps of the system clock, which must not end sessions (decision 0028)."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from wheel.clock import utc_now

MIN_JUMP = timedelta(seconds=30)
MAX_JUMP = timedelta(days=1)
MAX_REMEMBERED = 16


class ClockJumps:
    """Compares the system clock `now` with the clock `monotonic`, in seconds, at each call.

    Backward jumps only make sessions live longer, by the length of the jump at most.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._jumps: list[tuple[datetime, datetime]] = []  # the time before and after each
        self._last = (now(), monotonic())

    def time_before(self, span: timedelta) -> datetime:
        """The time that the system clock showed `span` ago. Without a jump it is `now - span`."""
        with self._lock:
            now = self._observe()
            shown = now - span
            for before, after in reversed(self._jumps):
                if shown >= after:
                    break
                if after <= now:  # otherwise the clock has been set back since
                    shown -= after - before
            return shown

    def _observe(self) -> datetime:
        """Record a jump since the last call. Returns the current time."""
        now, seconds = self._now(), self._monotonic()
        last_now, last_seconds = self._last
        before = last_now + timedelta(seconds=seconds - last_seconds)
        if MIN_JUMP <= now - before <= MAX_JUMP:
            self._jumps = [*self._jumps, (before, now)][-MAX_REMEMBERED:]
        self._last = (now, seconds)
        return now
