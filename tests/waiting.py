"""Waiting for a condition. Its bound keeps a test from hanging and asserts nothing about speed."""

import time
from collections.abc import Callable

HANGING_S = 240.0
POLL_S = 0.01


def wait_until(is_so: Callable[[], object], *, poll_s: float = POLL_S) -> None:
    """Ask again and again until the answer is truthy; an exception of `is_so` ends the wait."""
    give_up_at = time.monotonic() + HANGING_S
    while not is_so():
        assert time.monotonic() < give_up_at, "the condition never came true"
        time.sleep(poll_s)
