"""The time of a decode step of a library that generates whole texts."""

from collections.abc import Callable

SHORT, LONG = 8, 40  # tokens to decode; the difference has no prompt in it

StepSeconds = Callable[[int], float]  # of a batch size


def step_of(seconds: Callable[[int, int], float]) -> StepSeconds:
    """`seconds`: of a batch size and a number of tokens to decode."""
    return lambda size: (seconds(size, LONG) - seconds(size, SHORT)) / (LONG - SHORT)
