"""A probability for every token of a vocabulary, and their order round the wheel.

Knows nothing of models, text or filters: it starts at a row of logits.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Distribution:
    """Probabilities of the next token.

    log_probs         (vocabulary_size,) float64, natural log; -inf where a filter removed a token
    ranked_token_ids  (vocabulary_size,) int, by descending probability, ties by token id
    """

    log_probs: FloatArray
    ranked_token_ids: IntArray

    @classmethod
    def from_logits(cls, logits: FloatArray, *, temperature: float = 1.0) -> Self:
        """Softmax of `logits / temperature` in float64, stable at any temperature above 0.

        logits: (vocabulary_size,), finite.
        """
        scaled = np.asarray(logits, dtype=np.float64)
        with np.errstate(over="ignore"):  # near temperature 0, -inf is what is meant
            scaled = (scaled - scaled.max()) / temperature
        log_probs = scaled - np.log(np.exp(scaled).sum())
        return cls(log_probs, ranked(log_probs))

    @property
    def vocabulary_size(self) -> int:
        return len(self.log_probs)

    @cached_property
    def probs(self) -> FloatArray:
        """(vocabulary_size,) float64 by token id; sums to 1."""
        return np.exp(self.log_probs)

    @cached_property
    def ranked_probs(self) -> FloatArray:
        """(vocabulary_size,) float64 by rank, descending."""
        return self.probs[self.ranked_token_ids]

    @cached_property
    def cumulative(self) -> FloatArray:
        """(vocabulary_size,) float64 by rank: where each token's arc ends, in turns.

        Non-decreasing, and exactly 1 from the last token that can be drawn onwards, so that every
        u in [0, 1) falls on a token whose probability is not 0.
        """
        cumulative = np.cumsum(self.ranked_probs)
        cumulative /= cumulative[-1]
        num_possible = int(np.count_nonzero(self.ranked_probs))
        cumulative[num_possible - 1 :] = 1.0
        return cumulative

    @cached_property
    def ranks(self) -> IntArray:
        """(vocabulary_size,) int by token id: 0 for the most probable."""
        ranks = np.empty_like(self.ranked_token_ids)
        ranks[self.ranked_token_ids] = np.arange(self.vocabulary_size)
        return ranks

    @cached_property
    def entropy_bits(self) -> float:
        """-sum p log2 p: 0 where one token is certain, log2(vocabulary_size) where all are equal.

        Source: C. E. Shannon, "A Mathematical Theory of Communication", 1948.
        """
        possible = self.probs > 0
        nats = -(self.probs[possible] * self.log_probs[possible]).sum()
        return max(0.0, float(nats / np.log(2)))

    def truncate(self, num_kept: int) -> "Distribution":
        """The first `num_kept` tokens of the ranking, renormalised; the rest at probability 0."""
        if num_kept >= self.vocabulary_size:
            return self
        kept = self.ranked_token_ids[:num_kept]
        log_probs = np.full_like(self.log_probs, -np.inf)
        log_probs[kept] = self.log_probs[kept] - np.log(self.probs[kept].sum())
        return Distribution(log_probs, ranked(log_probs))  # rounding makes and breaks ties


def ranked(log_probs: FloatArray) -> IntArray:
    """Token ids by descending probability, ties by token id."""
    return np.argsort(-np.exp(log_probs), kind="stable")
