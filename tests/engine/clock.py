"""A clock under the test's control."""


class StoppedClock:
    """Gives the same time until the test sets another. Seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now
