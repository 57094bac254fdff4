"""The surprisal of a text: the figures of each token given all before it.

Source: C. E. Shannon, "Prediction and Entropy of Printed English", 1951.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log


@dataclass(frozen=True, slots=True)
class TokenScore:
    """A token given all tokens before it.

    log_prob           natural logarithm of its probability, at most 0
    rank               0-based, by descending probability, ties by token id
    expected_id        the token that the model had found most probable
    expected_log_prob  natural logarithm of the probability of that one
    """

    token_id: int
    log_prob: float
    rank: int
    expected_id: int
    expected_log_prob: float

    @property
    def prob(self) -> float:
        return exp(self.log_prob)

    @property
    def surprisal_bits(self) -> float:
        return max(0.0, -self.log_prob / log(2))


@dataclass(frozen=True)
class ScoredText:
    """first_id    the first token, which has no score: nothing came before it
    scores      of the tokens after it, in their order
    characters  the number of characters of the whole text
    """

    first_id: int
    scores: Sequence[TokenScore]
    num_characters: int

    @cached_property
    def total_bits(self) -> float:
        """The surprisal of all scored tokens together."""
        return sum(score.surprisal_bits for score in self.scores)

    @property
    def bits_per_character(self) -> float | None:
        """Over all characters of the text; None for a text without any scored token."""
        return self.total_bits / self.num_characters if self.scores else None

    @property
    def perplexity(self) -> float | None:
        """2 to the power of the mean surprisal: as many equally likely tokens would surprise as
        much. None without any scored token."""
        return 2 ** (self.total_bits / len(self.scores)) if self.scores else None

    @property
    def most_surprising(self) -> TokenScore | None:
        """The first of those with the largest surprisal."""
        return max(self.scores, key=lambda score: score.surprisal_bits, default=None)
