"""The parts of a distribution that a single filter keeps and removes."""

from dataclasses import dataclass
from functools import cached_property

from wheel.domain.distribution import Distribution


@dataclass(frozen=True, eq=False)
class FilterCut:
    """raw   the model's own distribution
    kept  the same, cut by one filter: the beginning of its ranking, renormalised
    """

    raw: Distribution
    kept: Distribution

    @property
    def num_kept(self) -> int:
        return self.kept.num_possible

    @property
    def num_removed(self) -> int:
        return self.raw.vocabulary_size - self.num_kept

    @cached_property
    def kept_prob(self) -> float:
        """The share of the model's own distribution that is left; exactly 1 if nothing is cut."""
        if not self.num_removed:
            return 1.0
        return float(self.raw.probs[self.kept.probs > 0].sum())

    @cached_property
    def removed_prob(self) -> float:
        """Summed directly, since 1 - kept_prob is inexact for a small one."""
        return float(self.raw.probs[self.kept.probs == 0].sum()) if self.num_removed else 0.0

    @property
    def raw_favourite_prob(self) -> float:
        return float(self.raw.first_probs(1)[0])

    @property
    def kept_favourite_prob(self) -> float:
        return float(self.kept.first_probs(1)[0])
