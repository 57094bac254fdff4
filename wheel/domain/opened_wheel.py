"""A range of ranks opened as a separate wheel, so that the tokens inside Other become visible.

Tens of thousands of tokens share Other, most of them too narrow to be seen. Opened, the range fills
the whole circle: tokens that are wide enough then have separate arcs, and the rest is cut into a
few groups, each of which can be opened again. Order and proportions stay those of the whole
wheel, so a u that lies in Other leads through the groups to one token.
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

# Groups are cut to equal sizes. A size is mostly the share of the circle, but the number of tokens
# has this weight too, so that each opening leaves far fewer tokens, even in the flat tail.
COUNT_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class RankGroup:
    """A half-open arc [start, end), in turns of its opened wheel, for the tokens with 0-based ranks
    in [first_rank, end_rank)."""

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
    """The tokens with 0-based ranks in [first_rank, end_rank), on a separate circle. All have a
    probability above 0."""

    distribution: Distribution
    first_rank: int
    end_rank: int

    @property
    def num_tokens(self) -> int:
        return self.end_rank - self.first_rank

    @cached_property
    def prob(self) -> float:
        """The share of these tokens of the whole wheel."""
        return float(self._probs.sum())

    @cached_property
    def groups(self) -> list[RankGroup]:
        """The groups clockwise from 12 o'clock, the most probable token first."""
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
        """The group with the token of this 0-based rank, which must be one of this wheel's."""
        return next(group for group in self.groups if rank < group.end_rank)

    def inside(self, group: RankGroup) -> "OpenedWheel":
        """The wheel of this group's tokens."""
        return OpenedWheel(self.distribution, group.first_rank, group.end_rank)

    def position_of(self, u: float) -> float:
        """The position on this circle, in turns, of the whole wheel's u. It is always on the arc of
        the group with u's token, even if rounding of small differences puts it beside the arc.
        """
        before, last = self._whole_wheel_ends
        group = self.group_of(self.distribution.rank_at(u))
        position = (u - before) / (last - before) if last > before else group.start
        last_inside = max(group.start, math.nextafter(group.end, 0.0))
        return min(max(position, group.start), last_inside)

    def _borders(self) -> list[int]:
        """The first token of each group, counted from this wheel's first token, and the end of the
        last group."""
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
        """(num_tokens,) float64 by rank"""
        return self.distribution.ranked_probs[self.first_rank : self.end_rank]

    @cached_property
    def _arc_ends(self) -> FloatArray:
        """(num_tokens,) float64, in turns of this wheel. They are summed from the probabilities: in
        the tail, differences of the whole wheel's ends have few significant digits."""
        ends = np.cumsum(self._probs / self._probs[0])
        ends /= ends[-1]
        np.minimum(ends, LARGEST_POSITION, out=ends)  # so that each arc starts below 1
        ends[-1] = 1.0
        return ends

    @property
    def _whole_wheel_ends(self) -> tuple[float, float]:
        """The begin and the end of this range on the whole wheel, in turns."""
        cumulative = self.distribution.cumulative
        before = float(cumulative[self.first_rank - 1]) if self.first_rank else 0.0
        return before, float(cumulative[self.end_rank - 1])


def open_towards(opened: OpenedWheel, rank: int) -> Iterator[OpenedWheel]:
    """Nested wheels, from `opened` itself to the one on which the token of this 0-based rank has a
    separate arc."""
    while True:
        yield opened
        group = opened.group_of(rank)
        if group.is_token:
            return
        opened = opened.inside(group)


def _group_sizes(shares: FloatArray) -> FloatArray:
    """(num_tokens,) the part of each token in the sizes of the groups; they sum to 1."""
    by_share: FloatArray = shares / shares.sum()  # above 0: the last arc starts below 1
    return (1 - COUNT_WEIGHT) * by_share + COUNT_WEIGHT / len(shares)
