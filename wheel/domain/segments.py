"""The wheel and its segments: tokens on a circle, clockwise from 12 o'clock, by rank.

Angles are in turns, fractions of the circle in [0, 1), so that a uniform u is an angle.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wheel.domain.distribution import BoolArray, Distribution, FloatArray


@dataclass(frozen=True, slots=True)
class WheelSegment:
    """A half-open arc [start, end) in turns. `token_id` is None for Other."""

    segment_index: int
    token_id: int | None
    start: float
    end: float

    @property
    def start_degrees(self) -> float:
        return self.start * 360

    @property
    def end_degrees(self) -> float:
        return self.end * 360


@dataclass(frozen=True, eq=False)
class Wheel:
    """A distribution cut at a threshold.

    Each token with probability >= threshold has a segment of its own. The others share the last
    segment, Other, which exists if there are any.
    """

    distribution: Distribution
    threshold: float

    @cached_property
    def num_above(self) -> int:
        """The number of tokens with a segment of their own."""
        return int(np.count_nonzero(self._is_above))

    @property
    def num_above_possible(self) -> int:
        """The number of tokens that can be drawn and have a segment of their own."""
        return min(self.num_above, self.distribution.num_possible)

    @property
    def num_other(self) -> int:
        return self.distribution.vocabulary_size - self.num_above

    @cached_property
    def above_prob(self) -> float:
        return float(self.distribution.probs[self._is_above].sum())

    @cached_property
    def other_prob(self) -> float:
        """Other's probability, summed directly, since 1 - above_prob is inexact for a small one.
        Exactly 1 for all tokens together, whose sum depends on their order."""
        if not self.num_above:
            return 1.0
        return float(self.distribution.probs[~self._is_above].sum())

    @cached_property
    def other_start(self) -> float:
        """The start of Other in turns; 1 if none of its tokens can be drawn."""
        return float(self._ends[-1]) if self.num_above else 0.0

    @cached_property
    def segments(self) -> list[WheelSegment]:
        ends = self._ends.tolist()
        starts = [0.0, *ends]
        token_ids = self.distribution.first_token_ids(self.num_above).tolist()
        segments = [
            WheelSegment(index, token_id, start, end)
            for index, (token_id, start, end) in enumerate(
                zip(token_ids, starts, ends, strict=False)
            )
        ]
        if self.num_other:
            segments.append(WheelSegment(self.num_above, None, self.other_start, 1.0))
        return segments

    def segment_index_at(self, u: float) -> int:
        """The index of the segment that contains u; Other's is the last."""
        return min(self.distribution.rank_at(u), self.num_above)

    def arc_of(self, token_id: int) -> tuple[float, float]:
        """The start and end of a token's arc in turns, also for a token inside Other; equal for a
        token that cannot be drawn."""
        ends = self.distribution.first_arc_ends(self.distribution.rank_of(token_id) + 1)
        start = float(ends[-2]) if len(ends) > 1 else 0.0
        return start, float(ends[-1])

    @cached_property
    def _is_above(self) -> BoolArray:
        """(vocabulary_size,) by token id"""
        return self.distribution.probs >= self.threshold

    @cached_property
    def _ends(self) -> FloatArray:
        """(num_above,) in turns"""
        return self.distribution.first_arc_ends(self.num_above)
