"""The distribution of the next token: probabilities, ranking, and arcs on the wheel.

It is made from a row of logits, without access to models, texts or filters.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]


# Tokens with at least this probability are the head of the ranking: at most a few thousand of a
# language model's vocabulary. Nearly all calls and nearly all spins need only the head, and most of
# them only its top, at most a thousand tokens.
HEAD_PROB = 1e-5
TOP_PROB = 1e-3

# Of the sorts of whole vocabularies.
MIN_UNSTABLE, MAX_TIES = 10_000, 500

LARGEST_UNCERTAIN_PROB = math.nextafter(1.0, 0.0)

# More tokens than a request lists. They may lie beyond the head if filters kept few tokens; a
# partition finds them in a fraction of the time of a sort.
NUM_FIRST = 512


@dataclass(frozen=True, eq=False)
class Distribution:
    """Probabilities of the next token, and their ranking: by descending probability, ties by token
    id. Tokens at probability 0 follow in the model's own order: by descending logit, ties by token
    id. Sorting a whole vocabulary takes milliseconds, so the tail is ranked only on demand.

    logits     (vocabulary_size,) as the model computed them; -inf for a token that it excludes
    probs      (vocabulary_size,) float64 by token id; sums to 1, and is 1 only for a certain token
    log_probs  (vocabulary_size,) float64, natural log; -inf for a token that a filter removed or
               the model excludes
    """

    logits: FloatArray
    probs: FloatArray
    log_probs: FloatArray

    @classmethod
    def from_logits(cls, logits: FloatArray, *, temperature: float = 1.0) -> Self:
        """Softmax of `logits / temperature` in float64, stable at any temperature above 0.

        The probabilities are quotients, not powers of the logarithms: n equal tokens have exactly
        the float 1 / n, so that they reach a threshold of 1 / n.

        logits: (vocabulary_size,), finite or -inf, at least one of them finite.
        """
        scaled = np.subtract(logits, logits.max(), dtype=np.float64)
        if temperature != 1:
            with np.errstate(over="ignore"):  # near temperature 0, -inf is the right limit
                scaled /= temperature
        return cls(logits, *normalised(np.exp(scaled), scaled))

    @property
    def vocabulary_size(self) -> int:
        return len(self.probs)

    @cached_property
    def num_possible(self) -> int:
        """The number of tokens with a probability above 0."""
        return int(np.count_nonzero(self.probs))

    @cached_property
    def ranked_token_ids(self) -> IntArray:
        """(vocabulary_size,) int by rank: the whole ranking."""
        return self._ranked(np.arange(self.vocabulary_size))

    @cached_property
    def ranked_probs(self) -> FloatArray:
        """(vocabulary_size,) float64 by rank, descending."""
        return self.probs[self.ranked_token_ids]

    @cached_property
    def cumulative(self) -> FloatArray:
        """(vocabulary_size,) float64 by rank: the end of each token's arc, in turns.

        Non-decreasing, and exactly 1 from the last token that can be drawn onwards, so that every
        u in [0, 1) falls on a token whose probability is not 0.
        """
        return self._arc_ends(self.ranked_token_ids)

    def first_token_ids(self, num_tokens: int) -> IntArray:
        """(num_tokens,) int: the beginning of `ranked_token_ids`."""
        if num_tokens <= len(self._top):
            return self._top[:num_tokens]
        if num_tokens <= len(self._head):
            return self._head[:num_tokens]
        if num_tokens <= NUM_FIRST < self.vocabulary_size:
            return self._first[:num_tokens]
        return self.ranked_token_ids[:num_tokens]

    def first_probs(self, num_tokens: int) -> FloatArray:
        """(num_tokens,) float64: the beginning of `ranked_probs`."""
        return self.probs[self.first_token_ids(num_tokens)]

    def first_arc_ends(self, num_tokens: int) -> FloatArray:
        """(num_tokens,) float64: the beginning of `cumulative`."""
        if num_tokens <= len(self._top):
            return self._top_arc_ends[:num_tokens]
        if num_tokens <= len(self._head):
            return self._head_arc_ends[:num_tokens]
        return self.cumulative[:num_tokens]

    def rank_at(self, u: float) -> int:
        """The 0-based rank of the token whose arc contains u, for u in [0, 1)."""
        rank = int(np.searchsorted(self._top_arc_ends, u, side="right"))
        if rank < len(self._top):
            return rank
        rank = int(np.searchsorted(self._head_arc_ends, u, side="right"))
        if rank < len(self._head):
            return rank
        return int(np.searchsorted(self.cumulative, u, side="right"))

    def rank_of(self, token_id: int) -> int:
        """The 0-based rank of a token: the number of tokens ranked before it."""
        keys = self._ranking_keys
        num_before = np.count_nonzero(keys > keys[token_id])
        return int(num_before + np.count_nonzero(keys[:token_id] == keys[token_id]))

    @cached_property
    def entropy_bits(self) -> float:
        """-sum p log2 p: 0 if one token is certain, log2(vocabulary_size) if all are equal.

        Source: C. E. Shannon, "A Mathematical Theory of Communication", 1948.
        """
        probs, log_probs = self.probs, self.log_probs
        if self.num_possible < self.vocabulary_size:
            possible = probs > 0
            probs, log_probs = probs[possible], log_probs[possible]
        nats = -(probs * log_probs).sum()
        return max(0.0, float(nats / np.log(2)))

    def truncate(self, num_kept: int) -> "Distribution":
        """The first `num_kept` tokens of the ranking, renormalised; the rest at probability 0."""
        if num_kept >= self.vocabulary_size:
            return self
        kept = self.first_token_ids(num_kept)
        shares = self.probs[kept] / self.probs[kept[0]]  # exactly 1 for equals of the first
        log_shares = self.log_probs[kept] - self.log_probs[kept[0]]
        probs, log_probs = np.zeros_like(self.probs), np.full_like(self.log_probs, -np.inf)
        probs[kept], log_probs[kept] = normalised(shares, log_shares)
        return Distribution(self.logits, probs, log_probs)

    @cached_property
    def _ranking_keys(self) -> FloatArray:
        """(vocabulary_size,) float64, descending by rank: the probabilities that are above 0, and
        differences of logits, at most 0, for the other tokens."""
        if self.num_possible == self.vocabulary_size:
            return self.probs
        below_highest = np.subtract(self.logits, self.logits.max(), dtype=np.float64)
        keys: FloatArray = np.where(self.probs > 0, self.probs, below_highest)
        return keys

    @cached_property
    def _top(self) -> IntArray:
        """The beginning of the head: the ids of tokens with at least `TOP_PROB`."""
        return self._ranked(np.flatnonzero(self.probs >= TOP_PROB))

    @cached_property
    def _top_arc_ends(self) -> FloatArray:
        return self._arc_ends(self._top)

    @cached_property
    def _head(self) -> IntArray:
        """The beginning of the ranking: the ids of tokens with at least `HEAD_PROB`."""
        return self._ranked(np.flatnonzero(self.probs >= HEAD_PROB))

    @cached_property
    def _head_arc_ends(self) -> FloatArray:
        return self._arc_ends(self._head)

    @cached_property
    def _first(self) -> IntArray:
        """(NUM_FIRST,) int: the beginning of the ranking of a larger vocabulary."""
        keys = self._ranking_keys
        last_idx = self.vocabulary_size - NUM_FIRST
        last_key = np.partition(keys, last_idx)[last_idx]
        return self._ranked(np.flatnonzero(keys >= last_key))[:NUM_FIRST]

    def _ranked(self, token_ids: IntArray) -> IntArray:
        """The ids by rank. token_ids: ascending, so that a stable sort breaks ties by id."""
        return token_ids[stable_order(-self._ranking_keys[token_ids])]

    def _arc_ends(self, first_token_ids: IntArray) -> FloatArray:
        """The arc ends of the first tokens of the ranking. Each is a sum in ranking order, so those
        of the head are equal, bit for bit, to those of the whole ranking."""
        ends: FloatArray = np.minimum(
            np.cumsum(self.probs[first_token_ids]) / self.probs.sum(), 1.0
        )
        ends[self.num_possible - 1 :] = 1.0
        return ends


def stable_order(keys: FloatArray) -> IntArray:
    """`np.argsort(keys, kind="stable")`. For many keys with few ties it takes half of the time: an
    unstable sort, after which the equals are put in order."""
    if len(keys) < MIN_UNSTABLE:
        return np.argsort(keys, kind="stable")
    order = np.argsort(keys)
    ranked = keys[order]
    ties = np.flatnonzero(ranked[1:] == ranked[:-1])
    if len(ties) > MAX_TIES:
        return np.argsort(keys, kind="stable")
    for run in np.split(ties, np.flatnonzero(np.diff(ties) > 1) + 1) if len(ties) else ():
        order[run[0] : run[-1] + 2].sort()
    return order


def normalised(shares: FloatArray, log_shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probabilities and natural logarithms of shares of which the largest is 1.

    Of a sum that rounds to 1, the largest would get the probability 1 although it is not certain:
    it gets the largest float below 1.
    """
    total = shares.sum()
    rest = float(shares[shares < 1].sum()) if total == 1 else 0.0
    if rest > 0:
        return np.minimum(shares, LARGEST_UNCERTAIN_PROB), log_shares - rest
    return shares / total, log_shares - np.log(total)
