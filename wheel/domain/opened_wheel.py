"""A run of the ranking opened as a wheel of its own: Other, and what is inside it.

Tens of thousands of tokens share Other, most of them too narrow to be seen on any circle. Opened,
the run fills the whole circle: what is then wide enough stands alone, the rest is cut into a few
groups, each of which can be opened in its turn. The order and the proportions stay those of the
whole wheel, so the same u that landed in Other leads through the groups to its one token.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from wheel.domain.distribution import Distribution, FloatArray

MIN_SHARE_ALONE = 5 / 360
MAX_ALONE = 24
MAX_GROUPS = 12
LARGEST_POSITION = math.nextafter(1.0, 0.0)

# A group is as large as its share of the circle makes it, but also counts a little for its mere
# number of tokens: so every opening leaves far fewer of them, down to the least likely of all.
COUNT_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class RankGroup:
    """A half-open arc [start, end), in turns of its opened wheel, that holds the tokens with the
    0-based ranks from `first_rank` up to but without `end_rank`."""

    segment_index: int
    first_rank: int
    end_rank: int
    start: float
    end: float

    @property
    def num_tokens(self) -> int:
        return self.end_rank - self.first_rank

    @property
    def is_token(self) -> bool:
        return self.num_tokens == 1


@dataclass(frozen=True, eq=False)
class OpenedWheel:
    """The tokens with ranks in [first_rank, end_rank), round a circle; all of them can be drawn."""

    distribution: Distribution
    first_rank: int
    end_rank: int

    @property
    def num_tokens(self) -> int:
        return self.end_rank - self.first_rank

    @cached_property
    def prob(self) -> float:
        """What all of it has of the whole wheel."""
        return float(self._probs.sum())

    @cached_property
    def groups(self) -> list[RankGroup]:
        """Clockwise from 12 o'clock, the most probable first."""
        ends = self._arc_ends
        starts = np.concatenate(([0.0], ends))
        return [
            RankGroup(
                index,
                self.first_rank + first,
                self.first_rank + end,
                float(starts[first]),
                float(ends[end - 1]),
            )
            for index, (first, end) in enumerate(pairwise(self._borders()))
        ]

    def group_of(self, rank: int) -> RankGroup:
        return next(group for group in self.groups if rank < group.end_rank)

    def inside(self, group: RankGroup) -> "OpenedWheel":
        return OpenedWheel(self.distribution, group.first_rank, group.end_rank)

    def position_of(self, u: float) -> float:
        """Where on this circle, in turns, the whole wheel's u lies: always on the arc of the group
        that holds its token, also where the arithmetic of small differences would say next to it.
        """
        before, last = self._whole_wheel_ends
        group = self.group_of(self.distribution.rank_at(u))
        position = (u - before) / (last - before) if last > before else group.start
        last_inside = max(group.start, math.nextafter(group.end, 0.0))
        return min(max(position, group.start), last_inside)

    def _borders(self) -> list[int]:
        """Where groups begin, counted from this wheel's first token, and where the last ends."""
        num_tokens = self.num_tokens
        if num_tokens <= MAX_GROUPS:
            return list(range(num_tokens + 1))
        shares = np.diff(self._arc_ends, prepend=0.0)
        num_alone = min(int(np.count_nonzero(shares >= MIN_SHARE_ALONE)), MAX_ALONE)
        if num_alone == num_tokens:
            return list(range(num_tokens + 1))
        sizes = np.cumsum(_group_sizes(shares[num_alone:]))
        cuts = np.searchsorted(sizes, np.arange(1, MAX_GROUPS) / MAX_GROUPS) + 1
        ends = {num_alone + int(cut) for cut in cuts if cut <= len(sizes)} | {num_tokens}
        return [*range(num_alone + 1), *sorted(ends)]

    @cached_property
    def _probs(self) -> FloatArray:
        """(num_tokens,) by rank"""
        return self.distribution.ranked_probs[self.first_rank : self.end_rank]

    @cached_property
    def _arc_ends(self) -> FloatArray:
        """(num_tokens,) in turns of this wheel; from the probabilities themselves and not from
        the ends on the whole wheel, whose differences have few digits left in the tail."""
        ends = np.cumsum(self._probs / self._probs[0])
        ends /= ends[-1]
        np.minimum(ends, LARGEST_POSITION, out=ends)  # so that all of them begin on the circle
        ends[-1] = 1.0
        return ends

    @property
    def _whole_wheel_ends(self) -> tuple[float, float]:
        """Where this run of ranks begins and ends on the whole wheel, in turns."""
        cumulative = self.distribution.cumulative
        before = float(cumulative[self.first_rank - 1]) if self.first_rank else 0.0
        return before, float(cumulative[self.end_rank - 1])


def open_towards(opened: OpenedWheel, rank: int) -> Iterator[OpenedWheel]:
    """The wheels on the way from `opened`, itself included, to the one where the token of this
    rank stands alone."""
    while True:
        yield opened
        group = opened.group_of(rank)
        if group.is_token:
            return
        opened = opened.inside(group)


def _group_sizes(shares: FloatArray) -> FloatArray:
    """What each token adds to the size of its group; they sum to 1."""
    total = shares.sum()
    by_share = shares / total if total > 0 else np.full(len(shares), 1 / len(shares))
    return (1 - COUNT_WEIGHT) * by_share + COUNT_WEIGHT / len(shares)
