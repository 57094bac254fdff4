"""Draws of many sessions on one wheel, counted by segment and compared with its probabilities."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from wheel.domain.intervals import wilson_interval
from wheel.domain.segments import Wheel
from wheel.domain.verdicts import TellingCounts, Verdict, telling_counts, verdict_of


@dataclass(frozen=True, slots=True)
class PooledSegment:
    """One segment of the wheel and the draws that hit it.

    token_id       None for Other
    expected_prob  on the wheel
    frequency      the share of the draws; 0 without draws
    low, high      the ends of the 95 % interval of the frequency
    verdict        None if chance explains the count
    """

    segment_index: int
    token_id: int | None
    expected_prob: float
    count: int
    frequency: float
    low: float
    high: float
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class DrawnInOther:
    """A token of Other that was drawn."""

    token_id: int
    expected_prob: float
    count: int


@dataclass(frozen=True)
class PooledDraws:
    """The draws on one wheel.

    num_draws        all draws
    num_compared     the number of segments that can be drawn or were; verdicts are corrected for it
    are_independent  False if members share their luck: then n draws may be one, so that intervals
                     are (0, 1), and there are no verdicts
    segments         in the order of the wheel, Other last
    inside_other     the tokens drawn inside Other: by descending count, then as ranked by
                     probability and token id
    """

    num_draws: int
    num_compared: int
    are_independent: bool
    segments: tuple[PooledSegment, ...]
    inside_other: tuple[DrawnInOther, ...]

    @classmethod
    def on_wheel(
        cls, wheel: Wheel, token_ids: Iterable[int], *, are_independent: bool = True
    ) -> Self:
        """Count the draws on `wheel`. token_ids: one of its vocabulary for each draw, in any
        order. Tokens chosen by hand are not draws."""
        raise NotImplementedError

    def telling_counts(self, segment: PooledSegment) -> TellingCounts:
        """The counts at which this segment would get a verdict, for this number of draws."""
        raise NotImplementedError

    @cached_property
    def can_tell(self) -> bool:
        """Whether any count of any segment would get a verdict, for this number of draws."""
        raise NotImplementedError
