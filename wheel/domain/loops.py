"""Loops in a text: an ending that consists of one passage, repeated."""

from collections.abc import Sequence
from dataclasses import dataclass

MIN_REPEATS = 3
MAX_PERIOD = 64  # tokens; a longer passage is no loop that a reader would notice


@dataclass(frozen=True, slots=True)
class Loop:
    """start        the index of its first token
    period       the number of tokens that are repeated
    num_repeats  how often they occur in full, at least `MIN_REPEATS`
    """

    start: int
    period: int
    num_repeats: int


def find_loop(token_ids: Sequence[int]) -> Loop | None:
    """The loop with which the text ends, or None. If several fit, the one that begins first, and of
    those the one with the shortest period."""
    loops = []
    for period in range(1, min(MAX_PERIOD, len(token_ids) // MIN_REPEATS) + 1):
        start = start_of_period(token_ids, period)
        num_repeats = (len(token_ids) - start) // period
        if num_repeats >= MIN_REPEATS:
            loops.append(Loop(start, period, num_repeats))
    return min(loops, key=lambda loop: (loop.start, loop.period), default=None)


def start_of_period(token_ids: Sequence[int], period: int) -> int:
    """The smallest index from which each token equals the one `period` after it."""
    start = len(token_ids) - period
    while start > 0 and token_ids[start - 1] == token_ids[start - 1 + period]:
        start -= 1
    return start
