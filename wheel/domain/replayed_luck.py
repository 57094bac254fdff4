"""The same random numbers, replayed on several wheels: what each makes of the same luck."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from wheel.domain.distribution import FloatArray, IntArray
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

    def num_changed(self, one: int, other: int) -> int:
        """The number of stops at which two wheels, by their place, have different tokens."""
        columns = self.token_ids[:, one], self.token_ids[:, other]
        return int(np.count_nonzero(columns[0] != columns[1]))
