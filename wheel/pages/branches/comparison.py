"""Two branches of a story side by side: what they share, and how each goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from wheel.domain.chosen_token import ChosenToken
from wheel.domain.story_branches import num_shared_tokens
from wheel.domain.token import Token
from wheel.pages.branches.words import (
    bits_words,
    branch_name,
    ending_of,
    text_of,
    tokens_words,
    total_bits,
)
from wheel.pages.panels.story import Chip
from wheel.pages.words.directions import text_direction
from wheel.pages.words.numbers import count
from wheel.services import BranchList, BranchView


@dataclass(frozen=True)
class Continuation:
    """A branch from the place on where it parts from the other one. num_shared: the number of its
    tokens before that place."""

    view: BranchView
    num_shared: int

    @property
    def number(self) -> int:
        return self.view.number

    @property
    def name(self) -> str:
        return branch_name(self.number)

    @property
    def is_current(self) -> bool:
        return self.view.is_current

    @property
    def steps(self) -> Sequence[ChosenToken]:
        return self.view.branch.steps[self.num_shared :]

    @cached_property
    def chips(self) -> list[Chip]:
        items = self.view.items[self.num_shared :]
        return [
            Chip(item.token, item, idx) for idx, item in enumerate(items, start=self.num_shared)
        ]

    @property
    def first_token(self) -> Token | None:
        """None if the branch ends where the other one goes on."""
        return self.chips[0].token if self.chips else None

    @property
    def direction(self) -> str:
        return text_direction(self.view.text)

    @property
    def length(self) -> str:
        return tokens_words(len(self.steps))

    @property
    def total(self) -> str:
        return bits_words(total_bits(self.steps))

    @property
    def per_token(self) -> str:
        """Empty without tokens."""
        total = total_bits(self.steps)
        if not self.steps:
            return ""
        return bits_words(None if total is None else total / len(self.steps))


@dataclass(frozen=True)
class ComparedRow:
    """The tokens of both branches at one place; None after the end of a branch."""

    number: str
    first: Chip | None
    second: Chip | None


@dataclass(frozen=True)
class BranchComparison:
    """Two branches. Only that of the text may be the beginning of the other one."""

    first: Continuation
    second: Continuation

    @classmethod
    def of(cls, first: BranchView, second: BranchView) -> "BranchComparison":
        num_shared = num_shared_tokens(first.branch.steps, second.branch.steps)
        return cls(Continuation(first, num_shared), Continuation(second, num_shared))

    @property
    def sides(self) -> tuple[Continuation, Continuation]:
        return self.first, self.second

    @property
    def num_shared(self) -> int:
        return self.first.num_shared

    @property
    def shared_length(self) -> str:
        return tokens_words(self.num_shared)

    @cached_property
    def shared_text(self) -> str:
        """The prompt and the tokens that both have."""
        return text_of(self._shared_tokens)

    @property
    def shared_ending(self) -> str:
        return ending_of(self._shared_tokens)

    @property
    def rows(self) -> list[ComparedRow]:
        pairs = zip_longest(self.first.chips, self.second.chips)
        return [
            ComparedRow(count(number), *pair)
            for number, pair in enumerate(pairs, start=self.num_shared + 1)
        ]

    @property
    def _shared_tokens(self) -> list[Token]:
        state, steps = self.first.view.state, self.first.view.branch.steps[: self.num_shared]
        token_ids = (*state.session.prompt_token_ids, *(step.token_id for step in steps))
        return [state.token(token_id) for token_id in token_ids]


def compared(branches: BranchList, first: int, second: int) -> BranchComparison | None:
    """None unless both branches exist and are two."""
    by_number = {view.number: view for view in branches.branches}
    if first == second or first not in by_number or second not in by_number:
        return None
    return BranchComparison.of(by_number[first], by_number[second])
