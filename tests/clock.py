"""Clocks that stand still until a test moves them."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Stands in for `utc_now`."""

    def __init__(self, start: datetime = datetime(2025, 1, 1, 12, tzinfo=UTC)) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        """The arguments are those of `timedelta`."""
        self.time += timedelta(**span)


class MonotonicClock:
    """Stands in for `time.monotonic`; its time is in seconds."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time
