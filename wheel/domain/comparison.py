"""Two distributions over the same vocabulary, compared."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from wheel.domain.distribution import FloatArray


class HasProbs(Protocol):
    """probs: (vocabulary_size,) float64; sums to 1."""

    @property
    def probs(self) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class Probabilities:
    """Probabilities without a ranking."""

    probs: FloatArray


@dataclass(frozen=True, slots=True)
class ChangedToken:
    """A token with its probabilities in both; `change` is the second minus the first."""

    token_id: int
    prob_before: float
    prob_after: float

    @property
    def change(self) -> float:
        return self.prob_after - self.prob_before


@dataclass(frozen=True, eq=False)
class Comparison:
    """Both distributions have the same vocabulary."""

    before: HasProbs
    after: HasProbs

    @cached_property
    def total_variation(self) -> float:
        """Half the sum of all absolute differences: the largest difference that any set of tokens
        has in probability. 0 for equal distributions, 1 for those without a common token.

        Source: D. A. Levin and Y. Peres, "Markov Chains and Mixing Times", 2017, ch. 4.1.
        """
        return min(1.0, float(np.abs(self._changes).sum() / 2))

    @property
    def best_guess_prob(self) -> float:
        """The probability that the best guess, from one drawn token, of which of the two it was
        drawn from is right; both are equally likely."""
        return (1 + self.total_variation) / 2

    def gained(self, num_tokens: int) -> list[ChangedToken]:
        """The tokens that gained most, at most so many, and none that lost; equal ones by id."""
        return self._first(-self._changes, num_tokens)

    def lost(self, num_tokens: int) -> list[ChangedToken]:
        """The tokens that lost most, likewise."""
        return self._first(self._changes, num_tokens)

    @cached_property
    def _changes(self) -> FloatArray:
        changes: FloatArray = self.after.probs - self.before.probs
        return changes

    def _first(self, keys: FloatArray, num_tokens: int) -> list[ChangedToken]:
        """Those with the smallest keys below 0."""
        candidates = np.flatnonzero(keys < 0)
        order = np.argsort(keys[candidates], kind="stable")[:num_tokens]
        return [
            ChangedToken(
                int(token_id),
                float(self.before.probs[token_id]),
                float(self.after.probs[token_id]),
            )
            for token_id in candidates[order]
        ]
