"""A language model made by counting: bigrams or trigrams of a text's tokens, with back-off.

Interpolated absolute discounting. A count c(h, w) is the number of times that token w follows the
context h in the text, c(h) their sum over w, and t(h) the number of different w. With the discount
D and h' for h without its first token:

    P(w | h) = (max(c(h, w) - D, 0) + D * t(h) * P(w | h')) / c(h)
    P(w | h) = P(w | h')                    if h is never followed by a token in the text
    P(w)     = c(w) / number of tokens      without a context

A token that is not in the text has the probability 0. Source: H. Ney, U. Essen and R. Kneser, "On
structuring probabilistic dependences in stochastic language modelling", 1994.

The tokens themselves are kept, and counted anew for each context: 60,000 tokens take less time than
the answer's row of the vocabulary. Nothing has to be built, cached or invalidated.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from wheel.domain.distribution import FloatArray, IntArray

DISCOUNT = 0.5
BIGRAM, TRIGRAM = 2, 3
ORDERS = (BIGRAM, TRIGRAM)


@dataclass(frozen=True, eq=False)
class Followers:
    """The tokens that follow one context in the text.

    context    the context's token ids; empty for the tokens of the whole text
    token_ids  (num_types,) int, ascending, without repetition
    counts     (num_types,) int, how often each of them follows, at least once
    """

    context: tuple[int, ...]
    token_ids: IntArray
    counts: IntArray

    @property
    def num_types(self) -> int:
        return len(self.token_ids)

    @cached_property
    def total(self) -> int:
        """How often the context is followed by a token."""
        return int(self.counts.sum())

    def count_of(self, token_id: int) -> int:
        return int(self.counts[self.token_ids == token_id].sum())


class CountingModel:
    """text         (num_tokens,) int, at least one token id below `vocabulary_size`
    order           the number of tokens that are counted together: 2 for bigrams, 3 for trigrams
    vocabulary_size of the tokenizer
    """

    def __init__(self, text: IntArray, *, order: int, vocabulary_size: int) -> None:
        assert len(text)
        assert order in ORDERS
        self.text = text
        self.order = order
        self.vocabulary_size = vocabulary_size

    @property
    def num_tokens(self) -> int:
        return len(self.text)

    @cached_property
    def num_types(self) -> int:
        """The number of different tokens in the text."""
        return len(np.unique(self.text))

    @cached_property
    def num_contexts(self) -> int:
        """The number of different contexts of the full length that a token follows in the text."""
        length = self.order - 1
        if self.num_tokens <= length:
            return 0
        windows = np.lib.stride_tricks.sliding_window_view(self.text[:-1], length)
        return len(np.unique(windows, axis=0))

    def followers(self, context: tuple[int, ...]) -> Followers:
        """The tokens that follow this context, of any length, in the text."""
        num_places = max(0, self.num_tokens - len(context))
        is_match = np.ones(num_places, dtype=np.bool_)
        for offset, token_id in enumerate(context):
            is_match &= self.text[offset : offset + num_places] == token_id
        counts = np.bincount(self.text[len(context) :][is_match])
        token_ids = np.flatnonzero(counts)
        return Followers(context, token_ids, counts[token_ids])

    def levels(self, token_ids: tuple[int, ...]) -> list[Followers]:
        """The followers of the contexts that the probabilities after these tokens come from, the
        longest first, the whole text last. Contexts without followers are left out."""
        lengths = range(min(self.order - 1, len(token_ids)), 0, -1)
        contexts = [token_ids[-length:] for length in lengths]
        levels = [self.followers(context) for context in [*contexts, ()]]
        return [level for level in levels if level.total]

    def probs(self, token_ids: tuple[int, ...]) -> FloatArray:
        """(vocabulary_size,) float64: the probabilities of the next token; the sum is 1."""
        *longer, whole_text = self.levels(token_ids)
        probs = np.zeros(self.vocabulary_size)
        probs[whole_text.token_ids] = whole_text.counts / whole_text.total
        for level in reversed(longer):
            probs *= DISCOUNT * level.num_types / level.total
            probs[level.token_ids] += (level.counts - DISCOUNT) / level.total
        return probs

    def next_logits(self, token_ids: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """(vocabulary_size,) natural logarithms of `probs`; -inf for a token that is not in the
        text."""
        with np.errstate(divide="ignore"):
            return np.log(self.probs(token_ids)).astype(np.float32)
