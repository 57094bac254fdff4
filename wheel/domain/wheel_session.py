"""Wheel sessions: a prompt, the tokens chosen after it, and the settings of the wheel last served.

The state is token ids, from which text is decoded. Sessions are immutable values: every change
returns a new session, and the store decides whether it may replace the old one.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile
from math import inf
from typing import Any, Self

from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS, WheelSettings
from wheel.errors import (
    ContextFullError,
    InvalidInputError,
    NoPromptError,
    NothingToRedoError,
    NothingToUndoError,
)
from wheel.sentences import Sentence

MAX_RECENT_CHANGES = 20


@dataclass(frozen=True, slots=True)
class ChosenToken:
    """The record of one choice: the token, its figures on its wheel, and the receipt of the draw.

    prob, log_prob   in the distribution of the wheel (log_prob: natural log, None for a token
                     that a filter had removed)
    rank             1-based, over the whole vocabulary; of a token that a filter had removed, in
                     the model's own distribution
    entropy_bits     of the wheel it was chosen from
    is_above         whether it had a segment of its own
    is_drawn         whether by a spin or a draw from Other, not picked by hand
    u, segment_index the receipt of a draw; None if it was picked by hand
    raw_prob         in the model's own distribution; None in documents of older servers
    is_sample        False for a draw that is no random sample of its wheel: with a given u, from
                     Other alone, or again after an earlier token at this place was removed
    """

    token_id: int
    prob: float
    log_prob: float | None
    rank: int
    entropy_bits: float
    is_above: bool
    settings: WheelSettings
    selected_at: datetime
    u: float | None = None
    segment_index: int | None = None
    raw_prob: float | None = None
    is_sample: bool = True

    @classmethod
    def from_wheel(
        cls,
        wheel: Wheel,
        token_id: int,
        *,
        raw_prob: float,
        settings: WheelSettings,
        selected_at: datetime,
        spin: Spin | None = None,
    ) -> Self:
        """The record of a token chosen from `wheel`; `spin` is None if it was picked by hand."""
        distribution = wheel.distribution
        prob, log_prob = (
            float(distribution.probs[token_id]),
            float(distribution.log_probs[token_id]),
        )
        return cls(
            token_id=token_id,
            prob=prob,
            log_prob=log_prob if log_prob > -inf else None,
            rank=distribution.rank_of(token_id) + 1,
            entropy_bits=distribution.entropy_bits,
            is_above=prob >= wheel.threshold,
            settings=settings,
            selected_at=selected_at,
            u=spin.u if spin else None,
            segment_index=spin.segment_index if spin else None,
            raw_prob=raw_prob,
        )

    @property
    def is_drawn(self) -> bool:
        return self.u is not None

    @property
    def is_drawn_from_other(self) -> bool:
        return self.is_drawn and not self.is_above


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
    recent_changes  the last changes of the text, the newest last: from the oldest one with a key
                  on, at most `MAX_RECENT_CHANGES`
    classroom_id  the class it was started in; None for a session without a class
    kept_until    it does not expire before this time, although it may not be used; None if it has
                  no such time
    num_draws     the number of draws since the prompt was set, undone ones included
    last_round    the number of the last common spin of its class that has spun it, from 1
    last_round_at  when that was; None if the prompt was set since
    indexed_at    when its index row was last written
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
    settings: WheelSettings = NEUTRAL_SETTINGS
    num_draws: int = 0
    last_round: int = 0
    last_round_at: datetime | None = None
    rev: int = 0
    version: int = 0
    recent_changes: tuple[TextChange, ...] = ()

    @property
    def has_prompt(self) -> bool:
        return bool(self.prompt_token_ids)

    @property
    def token_ids(self) -> tuple[int, ...]:
        return self.prompt_token_ids + tuple(chosen.token_id for chosen in self.history)

    @property
    def num_tokens(self) -> int:
        return len(self.prompt_token_ids) + len(self.history)

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
            num_draws=0,
            last_round_at=None,
        )

    def with_token(self, chosen: ChosenToken, request: KeyedRequest | None = None) -> Self:
        """Append a token. If one was removed from this place before, a draw is not the first here,
        so it is no sample."""
        if self.undone:
            chosen = replace(chosen, is_sample=False)
        return self._changed(
            TextChange(len(self.history), request=request),
            history=(*self.history, chosen),
            undone=(),
            num_draws=self.num_draws + chosen.is_drawn,
        )

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
        is removed."""
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

    def _changed(self, change: TextChange, **fields: Any) -> Self:
        """The session after a change of its text. A change is forgotten unless a request with a key
        made it, or an earlier one that is remembered."""
        recent = (*self.recent_changes, change)[-MAX_RECENT_CHANGES:]
        keyed = dropwhile(lambda change: change.request is None, recent)
        return replace(self, **fields, rev=self.rev + 1, recent_changes=tuple(keyed))
