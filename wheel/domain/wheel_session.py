"""Wheel sessions: a prompt, the tokens chosen after it, and the settings of the wheel last served.

The state is token ids, from which text is decoded. Sessions are immutable values: every change
returns a new session, and the store decides whether it may replace the old one.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile
from typing import Any, Self

from wheel.domain.chosen_token import ChosenToken
from wheel.domain.counted_text import CountedText
from wheel.domain.guess import MAX_GUESSES, Guess
from wheel.domain.simulation_record import SimulationRecord
from wheel.domain.story_branches import NO_BRANCHES, StoryBranch, StoryBranches, num_shared_steps
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS, WheelSettings
from wheel.errors import (
    ContextFullError,
    InvalidInputError,
    NoGuessesLeftError,
    NoPromptError,
    NothingToRedoError,
    NothingToUndoError,
)
from wheel.sentences import Sentence

__all__ = ["ChosenToken", "KeyedRequest", "OtherShare", "TextChange", "WheelSession"]

MAX_RECENT_CHANGES = 20


@dataclass(frozen=True, slots=True)
class OtherShare:
    """Other on the wheel that a token was drawn from: its probability and its number of tokens."""

    prob: float
    num_tokens: int


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that its client may send again.

    key     the client's name for it
    digest  of what it asks for, so that another request with the same key is noticed
    other   what its answer says of Other; None unless the token was drawn from Other
    """

    key: str
    digest: str
    other: OtherShare | None = None


@dataclass(frozen=True, slots=True)
class TextChange:
    """One change of a session's text, as the values that take it back.

    num_kept         how many of the chosen tokens stayed, counted from the first
    removed          the chosen tokens that followed them before the change
    replaced_prompt  the token ids of the prompt before the change; None if the prompt stayed
    request          the request that made the change; None for a request without a key
    """

    num_kept: int
    removed: tuple[ChosenToken, ...] = ()
    replaced_prompt: tuple[int, ...] | None = None
    request: KeyedRequest | None = None


@dataclass(frozen=True, slots=True)
class WheelSession:
    """A session as a value.

    rev           counts the changes of the text; a client sends it to name the text it refers to
    version       counts all changes, also those of settings; set by the store
    undone        the tokens that were removed and can be redone, the next one last; cleared when
                  another token is added or the prompt is set
    branches      the ways that were left since the prompt was set
    recent_changes  the last changes of the text, the newest last: from the oldest one with a key
                  on, at most `MAX_RECENT_CHANGES`
    classroom_id  the class it was started in; None for a session without a class
    kept_until    it does not expire before this time, although it may not be used; None if it has
                  no such time
    num_draws     the number of draws since the prompt was set, undone ones included
    last_round    the number of the last common spin of its class that has spun it, from 1
    last_round_at  when that was; None if the prompt was set since
    indexed_at    when its index row was last written
    counted_text  the text of its counting model; None for a session with a model of the catalog
    guesses       made before a spin, in the order of their positions, at most `MAX_GUESSES`
    simulation    the last one that a member of a class has made on this text; None for none
    """

    session_id: str
    model_id: str
    created_at: datetime
    last_accessed: datetime
    indexed_at: datetime | None = None
    seed: int | None = None
    classroom_id: int | None = None
    kept_until: datetime | None = None
    prompt_token_ids: tuple[int, ...] = ()
    history: tuple[ChosenToken, ...] = ()
    undone: tuple[ChosenToken, ...] = ()
    branches: StoryBranches = NO_BRANCHES
    settings: WheelSettings = NEUTRAL_SETTINGS
    num_draws: int = 0
    last_round: int = 0
    last_round_at: datetime | None = None
    rev: int = 0
    version: int = 0
    recent_changes: tuple[TextChange, ...] = ()
    counted_text: CountedText | None = None
    guesses: tuple[Guess, ...] = ()
    simulation: SimulationRecord | None = None

    @property
    def tokenizer_model_id(self) -> str:
        """The model of the catalog whose tokenizer and context length the session has."""
        return self.counted_text.tokenizer_model_id if self.counted_text else self.model_id

    @property
    def has_prompt(self) -> bool:
        return bool(self.prompt_token_ids)

    @property
    def token_ids(self) -> tuple[int, ...]:
        return self.prompt_token_ids + tuple(chosen.token_id for chosen in self.history)

    @property
    def num_tokens(self) -> int:
        return len(self.prompt_token_ids) + len(self.history)

    @property
    def way(self) -> tuple[ChosenToken, ...]:
        """The chosen tokens, and after them those that can be redone."""
        return (*self.history, *reversed(self.undone))

    @property
    def all_branches(self) -> tuple[StoryBranch, ...]:
        """The branches that were left and the way that the story is on, by number."""
        current = StoryBranch(self.branches.current_number, self.way)
        return tuple(sorted((*self.branches.left, current), key=lambda branch: branch.number))

    def has_ended(self, end_of_text_ids: Collection[int]) -> bool:
        """Whether an end-of-text token was chosen; more tokens may be added all the same."""
        return any(chosen.token_id in end_of_text_ids for chosen in self.history)

    def require_room(self, context_length: int) -> None:
        """Raise `NoPromptError`, or `ContextFullError` if the context window has no room for one
        more token."""
        if not self.has_prompt:
            raise NoPromptError
        if self.num_tokens >= context_length:
            raise ContextFullError(
                Sentence(
                    "The context window is full: %(number)s of %(maximum)s tokens. "
                    "Undo a token or set a shorter prompt.",
                    number=self.num_tokens,
                    maximum=context_length,
                )
            )

    def with_prompt(self, prompt_token_ids: tuple[int, ...]) -> Self:
        """Start over with a prompt; a seeded session then draws the same numbers again."""
        return self._changed(
            TextChange(0, removed=self.history, replaced_prompt=self.prompt_token_ids),
            prompt_token_ids=prompt_token_ids,
            history=(),
            undone=(),
            branches=NO_BRANCHES,
            num_draws=0,
            last_round_at=None,
            guesses=(),
            simulation=None,
        )

    def with_token(self, chosen: ChosenToken, request: KeyedRequest | None = None) -> Self:
        """Append a token. Tokens that were removed before become a branch. If one was removed from
        this place, a draw is not the first here, so it is no sample."""
        if self.undone or self.branches.may_go_on_after(self.history):
            chosen = replace(chosen, is_sample=False)
        history = (*self.history, chosen)
        return self._changed(
            TextChange(len(self.history), request=request),
            history=history,
            undone=(),
            branches=self.branches.parted(self.way, history),
            num_draws=self.num_draws + chosen.is_drawn,
        )

    def with_guess(self, guess: Guess) -> Self:
        """Note a guess of the token that is chosen next. Raises `NoGuessesLeftError`."""
        if len(self.guesses) >= MAX_GUESSES:
            raise NoGuessesLeftError
        return replace(self, guesses=(*self.guesses, guess))

    def with_simulation(self, num_spins: int, seed: int, settings: WheelSettings) -> Self:
        """Note a simulation of the next token instead of the one before. `rev` stays, since the
        text is unchanged."""
        record = SimulationRecord(len(self.history), num_spins, seed, settings)
        return replace(self, simulation=record)

    def spun_in_round(self, round_number: int) -> Self:
        """Note that a common spin has added the last token."""
        return replace(self, last_round=round_number, last_round_at=self.history[-1].selected_at)

    def with_settings(self, settings: WheelSettings) -> Self:
        """Store the settings of the wheel last served. `rev` stays, since the text is unchanged."""
        return replace(self, settings=settings)

    def without_last_token(self) -> Self:
        """Raises `NothingToUndoError` if only the prompt is left."""
        if not self.history:
            raise NothingToUndoError
        return self.rewound_to(len(self.history) - 1)

    def rewound_to(self, num_kept: int) -> Self:
        """Keep the first `num_kept` chosen tokens. Raises `InvalidInputError` unless at least one
        is removed. What was guessed and simulated after it is forgotten."""
        if not 0 <= num_kept < len(self.history):
            raise InvalidInputError(
                Sentence(
                    "There is no chosen token number %(asked)s: there are %(number)s.",
                    asked=num_kept + 1,
                    number=len(self.history),
                )
            )
        removed = self.history[num_kept:]
        return self._changed(
            TextChange(num_kept, removed=removed),
            history=self.history[:num_kept],
            undone=(*self.undone, *reversed(removed)),
            **self._experiments_up_to(num_kept),
        )

    def with_token_redone(self) -> Self:
        """Append the token that was removed last, with its receipt. Raises `NothingToRedoError`."""
        if not self.undone:
            raise NothingToRedoError
        return self._changed(
            TextChange(len(self.history)),
            history=(*self.history, self.undone[-1]),
            undone=self.undone[:-1],
        )

    def with_branch_restored(self, number: int) -> Self:
        """Go back to the end of a branch; the way that is left becomes a branch itself. The number
        of the story's own way brings back all that can be redone; if there is nothing, the session
        stays as it is. Raises `BranchNotFoundError`."""
        if number == self.branches.current_number:
            return self._with_way(self.way, self.branches) if self.undone else self
        branch = self.branches.find(number)
        return self._with_way(branch.steps, self.branches.restored(branch, self.way))

    def _with_way(self, way: tuple[ChosenToken, ...], branches: StoryBranches) -> Self:
        num_kept = num_shared_steps(self.history, way)
        return self._changed(
            TextChange(num_kept, removed=self.history[num_kept:]),
            history=way,
            undone=(),
            branches=branches,
            **self._experiments_up_to(num_kept),
        )

    def _experiments_up_to(self, num_kept: int) -> dict[str, Any]:
        """The guesses of the first chosen tokens, and the simulation if its text stays."""
        simulation = self.simulation
        is_kept = simulation is not None and simulation.position <= num_kept
        return {
            "guesses": tuple(guess for guess in self.guesses if guess.position < num_kept),
            "simulation": simulation if is_kept else None,
        }

    def _changed(self, change: TextChange, **fields: Any) -> Self:
        """The session after a change of its text. A change is forgotten unless a request with a key
        made it, or an earlier one that is remembered."""
        recent = (*self.recent_changes, change)[-MAX_RECENT_CHANGES:]
        keyed = dropwhile(lambda change: change.request is None, recent)
        return replace(self, **fields, rev=self.rev + 1, recent_changes=tuple(keyed))
