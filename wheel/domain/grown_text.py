"""A text that grows token by token: of each step what was chosen, and the wheel it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from wheel.domain.distribution import Distribution
from wheel.domain.loops import Loop, find_loop
from wheel.domain.token import surprisal_bits


@dataclass(frozen=True, slots=True)
class GrownToken:
    """entropy_bits  of the wheel that it was chosen from
    rank          0-based, on that wheel
    log_prob      natural logarithm of its probability there
    """

    token_id: int
    prob: float
    log_prob: float
    rank: int
    entropy_bits: float

    @classmethod
    def at_rank(cls, distribution: Distribution, rank: int) -> Self:
        token_id = int(distribution.first_token_ids(rank + 1)[rank])
        return cls(
            token_id,
            float(distribution.probs[token_id]),
            float(distribution.log_probs[token_id]),
            rank,
            distribution.entropy_bits,
        )

    @property
    def surprisal_bits(self) -> float:
        return surprisal_bits(self.log_prob)


@dataclass(frozen=True)
class GrownText:
    """A prompt and the tokens that have been added to it."""

    prompt_token_ids: tuple[int, ...]
    added: Sequence[GrownToken]

    @property
    def token_ids(self) -> tuple[int, ...]:
        return self.prompt_token_ids + tuple(token.token_id for token in self.added)

    def with_token(self, token: GrownToken) -> Self:
        return type(self)(self.prompt_token_ids, (*self.added, token))

    @cached_property
    def loop(self) -> Loop | None:
        """The loop among the added tokens with which they end, as indices into them."""
        return find_loop([token.token_id for token in self.added])

    @property
    def mean_surprisal_bits(self) -> float:
        """0 without added tokens."""
        total = sum(token.surprisal_bits for token in self.added)
        return total / len(self.added) if self.added else 0.0
