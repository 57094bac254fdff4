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
BoolArray = npt.NDArray[np.bool_]


# Tokens at least this probable are the head: a few thousand at most of a language model's
# vocabulary, where nearly every question is about, and where nearly every spin ends.
HEAD_PROB = 1e-5


@dataclass(frozen=True, eq=False)
class Distribution:
    """Probabilities of the next token, and the ranking: by descending probability, ties by token
    id. Sorting a whole vocabulary takes milliseconds, so it is ranked only as far as is asked for.

    log_probs  (vocabulary_size,) float64, natural log; -inf where a filter removed a token
    """

    log_probs: FloatArray

    @classmethod
    def from_logits(cls, logits: FloatArray, *, temperature: float = 1.0) -> Self:
        """Softmax of `logits / temperature` in float64, stable at any temperature above 0.

        logits: (vocabulary_size,), finite.
        """
        scaled = np.asarray(logits, dtype=np.float64)
        with np.errstate(over="ignore"):  # near temperature 0, -inf is what is meant
            scaled = (scaled - scaled.max()) / temperature
        return cls(scaled - np.log(np.exp(scaled).sum()))

    @property
    def vocabulary_size(self) -> int:
        return len(self.log_probs)

    @cached_property
    def probs(self) -> FloatArray:
        """(vocabulary_size,) float64 by token id; sums to 1."""
        return np.exp(self.log_probs)

    @cached_property
    def num_possible(self) -> int:
        """How many tokens can be drawn at all."""
        return int(np.count_nonzero(self.probs))

    @cached_property
    def ranked_token_ids(self) -> IntArray:
        """(vocabulary_size,) int: the whole ranking."""
        return self._ranked(np.arange(self.vocabulary_size))

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
        return self._arc_ends(self.ranked_token_ids)

    def first_token_ids(self, num_tokens: int) -> IntArray:
        """The beginning of `ranked_token_ids`."""
        if num_tokens <= len(self._head):
            return self._head[:num_tokens]
        return self.ranked_token_ids[:num_tokens]

    def first_arc_ends(self, num_tokens: int) -> FloatArray:
        """The beginning of `cumulative`."""
        if num_tokens <= len(self._head):
            return self._head_arc_ends[:num_tokens]
        return self.cumulative[:num_tokens]

    def rank_at(self, u: float) -> int:
        """The 0-based rank of the token whose arc holds u, for u in [0, 1)."""
        rank = int(np.searchsorted(self._head_arc_ends, u, side="right"))
        if rank < len(self._head):
            return rank
        return int(np.searchsorted(self.cumulative, u, side="right"))

    def rank_of(self, token_id: int) -> int:
        """Its 0-based rank: how many tokens come before it."""
        prob = self.probs[token_id]
        num_likelier = np.count_nonzero(self.probs > prob)
        return int(num_likelier + np.count_nonzero(self.probs[:token_id] == prob))

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
        kept = self.first_token_ids(num_kept)
        log_probs = np.full_like(self.log_probs, -np.inf)
        log_probs[kept] = self.log_probs[kept] - np.log(self.probs[kept].sum())
        return Distribution(log_probs)

    @cached_property
    def _head(self) -> IntArray:
        """The ranking as far as the tokens are likely enough to matter."""
        return self._ranked(np.flatnonzero(self.probs >= HEAD_PROB))

    @cached_property
    def _head_arc_ends(self) -> FloatArray:
        return self._arc_ends(self._head)

    def _ranked(self, token_ids: IntArray) -> IntArray:
        """token_ids: ascending"""
        return token_ids[np.argsort(-self.probs[token_ids], kind="stable")]

    def _arc_ends(self, first_token_ids: IntArray) -> FloatArray:
        """Each end is a sum of the probabilities before it in their order, so a shorter beginning
        of the ranking has the very same ends."""
        ends: FloatArray = np.minimum(
            np.cumsum(self.probs[first_token_ids]) / self.probs.sum(), 1.0
        )
        ends[self.num_possible - 1 :] = 1.0
        return ends
