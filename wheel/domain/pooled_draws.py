"""Draws of many sessions on one wheel, counted by segment and compared with its probabilities."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from wheel.domain.intervals import wilson_interval
from wheel.domain.segments import Wheel
from wheel.domain.verdicts import TellingCounts, Verdict, is_telling, telling_counts, verdict_of


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
        return cls.of_counts(wheel, Counter(token_ids), are_independent=are_independent)

    @classmethod
    def of_counts(
        cls, wheel: Wheel, by_token: Counter[int], *, are_independent: bool = True
    ) -> Self:
        """by_token: the number of draws of each token."""
        own_ids = {segment.token_id for segment in wheel.segments}
        in_other = {token_id: by_token[token_id] for token_id in by_token.keys() - own_ids}
        counts = [
            sum(in_other.values()) if segment.token_id is None else by_token[segment.token_id]
            for segment in wheel.segments
        ]
        return cls(
            num_draws=by_token.total(),
            num_compared=num_compared(segment_probs(wheel), counts),
            are_independent=are_independent,
            segments=pooled_segments(wheel, counts, are_independent=are_independent),
            inside_other=drawn_in_other(wheel, in_other),
        )

    def telling_counts(self, segment: PooledSegment) -> TellingCounts:
        """The counts at which this segment would get a verdict, for this number of draws."""
        if not self.are_independent:
            return TellingCounts(None, None)
        return telling_counts(self.num_draws, segment.expected_prob, self.num_compared)

    @cached_property
    def can_tell(self) -> bool:
        """Whether any count of a segment with a width would get a verdict, for this number of
        draws."""
        return self.are_independent and any(
            is_telling(count, self.num_draws, segment.expected_prob, self.num_compared)
            for segment in self.segments
            if segment.expected_prob
            for count in (0, self.num_draws)
        )


def pooled_segments(
    wheel: Wheel, counts: Sequence[int], *, are_independent: bool
) -> tuple[PooledSegment, ...]:
    """counts: of each segment, in the order of the wheel."""
    probs, num_draws = segment_probs(wheel), sum(counts)
    compared = num_compared(probs, counts)
    intervals = {
        count: wilson_interval(count, num_draws) if are_independent else (0.0, 1.0)
        for count in set(counts)
    }
    return tuple(
        PooledSegment(
            segment.segment_index,
            segment.token_id,
            prob,
            count,
            count / num_draws if num_draws else 0.0,
            *intervals[count],
            verdict_of(count, num_draws, prob, compared) if are_independent else None,
        )
        for segment, prob, count in zip(wheel.segments, probs, counts, strict=True)
    )


def num_compared(probs: Sequence[float], counts: Sequence[int]) -> int:
    """The number of segments that can be drawn or were."""
    return sum(map(any, zip(probs, counts, strict=True)))


def segment_probs(wheel: Wheel) -> list[float]:
    """The probability of each segment, in the order of the wheel."""
    own: list[float] = wheel.distribution.first_probs(wheel.num_above).tolist()
    return [*own, wheel.other_prob] if wheel.num_other else own


def drawn_in_other(wheel: Wheel, counts: Mapping[int, int]) -> tuple[DrawnInOther, ...]:
    """counts: by token id, of tokens of Other."""
    drawn = (
        DrawnInOther(token_id, float(wheel.distribution.probs[token_id]), count)
        for token_id, count in counts.items()
    )
    return tuple(
        sorted(drawn, key=lambda token: (-token.count, -token.expected_prob, token.token_id))
    )
