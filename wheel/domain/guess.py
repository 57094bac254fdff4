"""Guesses: tokens that a student names before the wheel of the next token is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Self

from wheel.domain.distribution import Distribution
from wheel.domain.token import surprisal_bits

MAX_GUESSES = 10  # of one text


@dataclass(frozen=True, slots=True)
class Guess:
    """The token that was guessed, and its figures in the model's own distribution, which no knob
    changes.

    position   the number of chosen tokens before it
    log_prob   natural log
    rank       1-based, over the whole vocabulary
    """

    position: int
    token_id: int
    log_prob: float
    rank: int

    @classmethod
    def on(cls, raw: Distribution, token_id: int, *, position: int) -> Self:
        """raw: the model's own distribution."""
        log_prob = float(raw.log_probs[token_id])
        return cls(position, token_id, log_prob, raw.rank_of(token_id) + 1)

    @property
    def surprisal_bits(self) -> float:
        """How much the guess surprises the model."""
        return surprisal_bits(self.log_prob)

    @property
    def is_favourite(self) -> bool:
        return self.rank == 1


@dataclass(frozen=True, slots=True)
class GuessingCosts:
    """Bits of the same rounds, in all, for four ways to guess.

    guesses    the surprise at the guesses that were made
    favourite  at the likeliest token of each wheel: no guess can cost less
    expected   of a token drawn from each wheel, on average: the entropy
    uniform    where every token of the vocabulary is as likely as any other
    """

    num_rounds: int
    guesses: float
    favourite: float
    expected: float
    uniform: float

    @classmethod
    def of(cls, guesses: Sequence[Guess], raw: Sequence[Distribution]) -> Self:
        """raw: the model's own distribution of each guess."""
        return cls(
            num_rounds=len(guesses),
            guesses=sum(guess.surprisal_bits for guess in guesses),
            favourite=sum(surprisal_bits(float(one.log_probs.max())) for one in raw),
            expected=sum(one.entropy_bits for one in raw),
            uniform=sum(log2(one.vocabulary_size) for one in raw),
        )
