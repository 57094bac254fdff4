"""Steps through a simulation: its first spins, how a share settles, rounds without a token."""

from dataclasses import dataclass

import numpy as np

from wheel.domain.distribution import IntArray
from wheel.domain.intervals import wilson_interval

LEADING_DIGITS = (1, 2, 5)
MAX_CURVE_POINTS = 90


@dataclass(frozen=True, slots=True)
class ShareSoFar:
    """The share of a token in the first spins. low, high: the ends of its 95 % interval."""

    num_spins: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.count / self.num_spins


@dataclass(frozen=True, slots=True)
class RoundsWithout:
    """How many rounds of `round_len` spins were without a token."""

    round_len: int
    num_rounds: int
    num_without: int

    @property
    def share(self) -> float:
        """0 without rounds."""
        return self.num_without / self.num_rounds if self.num_rounds else 0.0


def step_sizes(num_spins: int) -> list[int]:
    """1, 2, 5, 10, 20, 50, ... below the number of spins, and that number."""
    powers = range(len(str(num_spins)))
    sizes = [digit * 10**power for power in powers for digit in LEADING_DIGITS]
    return [*(size for size in sizes if size < num_spins), num_spins]


def curve_sizes(num_spins: int) -> list[int]:
    """Numbers of spins from 1 to `num_spins`, at most `MAX_CURVE_POINTS`, evenly spaced on a
    logarithmic axis where there are enough whole numbers."""
    spaced = np.geomspace(1, num_spins, MAX_CURVE_POINTS)
    sizes: list[int] = np.unique(np.rint(spaced).astype(int)).tolist()
    return sizes


def shares_so_far(token_ids: IntArray, token_id: int, sizes: list[int]) -> list[ShareSoFar]:
    """The share of a token after each of these numbers of spins.

    token_ids: (num_spins,) int, the drawn tokens; sizes: from 1 to num_spins.
    """
    hits = np.cumsum(token_ids == token_id).tolist()
    counts = [hits[size - 1] for size in sizes]
    return [
        ShareSoFar(size, count, *wilson_interval(count, size))
        for size, count in zip(sizes, counts, strict=True)
    ]


def rounds_without(token_ids: IntArray, token_id: int, round_len: int) -> RoundsWithout:
    """Cut the spins into rounds, one after the other; those left over at the end do not count."""
    num_rounds = len(token_ids) // round_len
    rounds = token_ids[: num_rounds * round_len].reshape(num_rounds, round_len)
    num_without = int(np.count_nonzero(~(rounds == token_id).any(axis=1)))
    return RoundsWithout(round_len, num_rounds, num_without)
