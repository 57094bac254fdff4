"""Many draws from one wheel at once, counted by segment and by token.

One seeded generator gives all u, so the first n of a longer simulation with the same seed are the
n of a shorter one, on every machine and in every version of Python.
"""

import random
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from wheel.domain.distribution import Distribution, FloatArray, IntArray
from wheel.domain.intervals import wilson_interval
from wheel.domain.segments import Wheel, WheelSegment

MAX_SPINS = 10_000
MAX_SEED = 2**53 - 1  # the largest integer that every JSON reader reads exactly


@dataclass(frozen=True, slots=True)
class SimulatedSegment:
    """One segment of the wheel.

    token_id       None for Other
    expected_prob  on the wheel
    low, high      the ends of the 95 % interval of the observed share
    """

    segment_index: int
    token_id: int | None
    expected_prob: float
    count: int
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class SimulatedDraws:
    """token_ids: (num_spins,) int, the drawn token of each spin, in their order."""

    wheel: Wheel
    seed: int
    token_ids: IntArray

    @classmethod
    def from_wheel(cls, wheel: Wheel, num_spins: int, seed: int) -> Self:
        """num_spins: from 1 to `MAX_SPINS`."""
        return cls(wheel, seed, tokens_at(wheel.distribution, seeded_us(seed, num_spins)))

    @property
    def num_spins(self) -> int:
        return len(self.token_ids)

    @cached_property
    def counts(self) -> Counter[int]:
        """The number of draws of each token that was drawn."""
        token_ids, counts = np.unique(self.token_ids, return_counts=True)
        return Counter(dict(zip(token_ids.tolist(), counts.tolist(), strict=True)))

    def first(self, num_spins: int) -> Self:
        """The first spins, as a simulation of their own."""
        return replace(self, token_ids=self.token_ids[:num_spins])

    @cached_property
    def segments(self) -> tuple[SimulatedSegment, ...]:
        """In the order of the wheel, Other last."""
        return tuple(self.segment(segment) for segment in self.wheel.segments)

    def segment(self, segment: WheelSegment) -> SimulatedSegment:
        """A segment of the wheel with its draws."""
        if segment.token_id is None:
            prob, count = self.wheel.other_prob, self.num_in_other
        else:
            prob = float(self.wheel.distribution.probs[segment.token_id])
            count = self.counts[segment.token_id]
        bounds = wilson_interval(count, self.num_spins)
        return SimulatedSegment(segment.segment_index, segment.token_id, prob, count, *bounds)

    @cached_property
    def num_in_other(self) -> int:
        return sum(count for _, count in self.other_counts)

    @cached_property
    def other_counts(self) -> tuple[tuple[int, int], ...]:
        """The token id and the count of each token that was drawn from Other, by descending count;
        those with equal counts by token id."""
        own = {segment.token_id for segment in self.wheel.segments}
        drawn = ((token_id, self.counts[token_id]) for token_id in self.counts.keys() - own)
        return tuple(sorted(drawn, key=lambda entry: (-entry[1], entry[0])))


def seeded_us(seed: int, num_draws: int) -> FloatArray:
    """(num_draws,) float64 in [0, 1): the numbers of `random.Random(f"{seed}")`, whose `random()`
    Python keeps the same in all versions."""
    generator = random.Random(f"{seed}")  # noqa: S311 - a seed must be repeatable
    return np.fromiter((generator.random() for _ in range(num_draws)), np.float64, num_draws)


def tokens_at(distribution: Distribution, us: FloatArray) -> IntArray:
    """The token whose arc contains each u, as `Spin.at` finds it for one."""
    token_ids: IntArray = distribution.ranked_token_ids[ranks_at(distribution, us)]
    return token_ids


def ranks_at(distribution: Distribution, us: FloatArray) -> IntArray:
    """The 0-based rank of the token whose arc contains each u."""
    ranks: IntArray = np.searchsorted(distribution.cumulative, us, side="right")
    return ranks


def prob_of_no_hit(prob: float, num_draws: int) -> float:
    """The probability that an event of probability `prob` never comes in so many draws: 0.74 for
    1 % and 30."""
    return float((1 - prob) ** num_draws)
