"""A wheel session: a prompt, the tokens chosen after it, and the wheel last shown.

Its state is token ids; text is only ever made from them. Sessions are values: every change gives a
new one, and the store decides whether it may replace the old.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import Self

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


@dataclass(frozen=True, slots=True)
class ChosenToken:
    """One step of the story: which token was chosen, and what its wheel said of it.

    prob, log_prob   in the distribution of the wheel (log_prob: natural log, None for a token
                     that a filter had removed)
    rank             1-based, over the whole vocabulary
    entropy_bits     of the wheel it was chosen from
    is_above         whether it had a segment of its own
    is_drawn         by a spin or a draw from Other, not picked by hand
    u, segment_index the receipt of a draw; None where it was picked by hand
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

    @classmethod
    def from_wheel(
        cls,
        wheel: Wheel,
        token_id: int,
        *,
        settings: WheelSettings,
        selected_at: datetime,
        spin: Spin | None = None,
    ) -> Self:
        """What `wheel` says of one of its tokens; `spin` is given where it was drawn."""
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
        )

    @property
    def is_drawn(self) -> bool:
        return self.u is not None

    @property
    def is_drawn_from_other(self) -> bool:
        return self.is_drawn and not self.is_above


@dataclass(frozen=True, slots=True)
class WheelSession:
    """`rev` grows with every change of the text, so that a client can say which text it meant;
    `version` grows with every write, also of settings, so that no write is lost to another.
    `undone` are the tokens that were taken back and could be put there again, the next one last;
    they are forgotten as soon as the text goes another way. `classroom_id` is the class it was
    started in, None for a session of its own."""

    session_id: str
    model_id: str
    created_at: datetime
    last_accessed: datetime
    indexed_at: datetime | None = None
    seed: int | None = None
    classroom_id: int | None = None
    prompt_token_ids: tuple[int, ...] = ()
    history: tuple[ChosenToken, ...] = ()
    undone: tuple[ChosenToken, ...] = ()
    settings: WheelSettings = NEUTRAL_SETTINGS
    num_draws: int = 0
    rev: int = 0
    version: int = 0

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
        """Whether an end-of-text token was chosen; the wheel may be spun on all the same."""
        return any(chosen.token_id in end_of_text_ids for chosen in self.history)

    def require_room(self, context_length: int) -> None:
        """Raise `NoPromptError`, or `ContextFullError` where no token fits any more."""
        if not self.has_prompt:
            raise NoPromptError
        if self.num_tokens >= context_length:
            raise ContextFullError(
                f"The context window is full: {self.num_tokens} of {context_length} tokens. "
                "Undo a token or set a shorter prompt."
            )

    def with_prompt(self, prompt_token_ids: tuple[int, ...]) -> Self:
        """Start over from a prompt; a seeded session draws the same numbers again."""
        return replace(
            self,
            prompt_token_ids=prompt_token_ids,
            history=(),
            undone=(),
            num_draws=0,
            rev=self.rev + 1,
        )

    def with_token(self, chosen: ChosenToken) -> Self:
        return replace(
            self,
            history=(*self.history, chosen),
            undone=(),
            num_draws=self.num_draws + chosen.is_drawn,
            rev=self.rev + 1,
        )

    def with_settings(self, settings: WheelSettings) -> Self:
        """Remember the wheel that was shown. The text is the same, so `rev` is too."""
        return replace(self, settings=settings)

    def without_last_token(self) -> Self:
        """Raises `NothingToUndoError` where only the prompt is left."""
        if not self.history:
            raise NothingToUndoError
        return self.rewound_to(len(self.history) - 1)

    def rewound_to(self, num_kept: int) -> Self:
        """The text up to just before the chosen token at index `num_kept`. Raises
        `InvalidInputError` where there is no such token."""
        if not 0 <= num_kept < len(self.history):
            raise InvalidInputError(
                f"There is no chosen token number {num_kept + 1}: there are {len(self.history)}."
            )
        return replace(
            self,
            history=self.history[:num_kept],
            undone=(*self.undone, *reversed(self.history[num_kept:])),
            rev=self.rev + 1,
        )

    def with_token_redone(self) -> Self:
        """Put the token that was taken back last there again, with its receipt. Raises
        `NothingToRedoError`."""
        if not self.undone:
            raise NothingToRedoError
        return replace(
            self,
            history=(*self.history, self.undone[-1]),
            undone=self.undone[:-1],
            rev=self.rev + 1,
        )
