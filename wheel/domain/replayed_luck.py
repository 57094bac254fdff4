"""The same random numbers, replayed on several wheels: what each makes of the same luck."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from wheel.domain.distribution import Distribution, FloatArray, IntArray
from wheel.domain.segments import Wheel
from wheel.domain.simulated_draws import ranks_at, seeded_us

TEMPERATURES = (0.2, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, eq=False)
class ReplayedLuck:
    """us: (num_us,) float64 in [0, 1), at each of which every wheel stops once."""

    wheels: tuple[Wheel, ...]
    us: FloatArray

    @classmethod
    def from_seed(cls, wheels: Sequence[Wheel], num_us: int, seed: int) -> Self:
        """The first numbers of a seed; more of them are a continuation."""
        return cls(tuple(wheels), seeded_us(seed, num_us))

    @cached_property
    def ranks(self) -> IntArray:
        """(num_us, num_wheels) int: the 0-based rank of the token under the pointer."""
        return np.stack([ranks_at(wheel.distribution, self.us) for wheel in self.wheels], axis=1)

    @cached_property
    def token_ids(self) -> IntArray:
        """(num_us, num_wheels) int: the token under the pointer."""
        columns = zip(self.wheels, self.ranks.T, strict=True)
        return np.stack(
            [wheel.distribution.ranked_token_ids[ranks] for wheel, ranks in columns], axis=1
        )

    @cached_property
    def nums_different(self) -> list[int]:
        """The number of different tokens of each wheel."""
        return [len(set(column)) for column in self.token_ids.T.tolist()]

    def prob_of_change(self, one: int, other: int) -> float:
        """The share of all u in [0, 1) at which the two have different tokens: 1 less the parts of
        the circle that a token has on both."""
        (starts, ends), (other_starts, other_ends) = (
            token_arcs(self.wheels[idx].distribution) for idx in (one, other)
        )
        shared = np.minimum(ends, other_ends) - np.maximum(starts, other_starts)
        return 1 - float(np.clip(shared, 0, None).sum())

    def num_changed(self, one: int, other: int) -> int:
        """The number of stops at which two wheels, by their place, have different tokens."""
        columns = self.token_ids[:, one], self.token_ids[:, other]
        return int(np.count_nonzero(columns[0] != columns[1]))


def token_arcs(distribution: Distribution) -> tuple[FloatArray, FloatArray]:
    """The starts and the ends of all arcs in turns, each (vocabulary_size,) by token id."""
    ends = np.empty(distribution.vocabulary_size)
    starts = np.empty_like(ends)
    ends[distribution.ranked_token_ids] = distribution.cumulative
    starts[distribution.ranked_token_ids] = np.roll(distribution.cumulative, 1)
    starts[distribution.ranked_token_ids[0]] = 0.0
    return starts, ends
