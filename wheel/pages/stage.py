"""The stage: everything the wheel page shows of one session."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from wheel import services
from wheel.domain.scored_text import TokenScore
from wheel.domain.token import Token
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import ContextFullError, NoPromptError
from wheel.pages.branches.rows import BranchRow, branch_rows
from wheel.pages.drawing.opened_wheel import OpenedPicture
from wheel.pages.drawing.opening import Opening, find_opening
from wheel.pages.drawing.wheel import WheelPicture, num_possible
from wheel.pages.panels.class_card import ClassCard
from wheel.pages.panels.prompt_figures import prompt_figures_url
from wheel.pages.panels.prompt_hints import PromptHints, prompt_hints
from wheel.pages.panels.story import Chip, Result, build_chips, build_result
from wheel.pages.panels.table import OpenedTable, SegmentTable
from wheel.pages.words.directions import text_direction
from wheel.pages.words.messages import sentence
from wheel.pages.words.models import model_name
from wheel.services import PROMPT, SessionState, WheelView


@dataclass(frozen=True, slots=True)
class OpeningTarget:
    """The part of the wheel that a request selects: the wheel opened `depth` times towards the
    token of a 1-based `rank`. Without a depth, until the token has a segment of its own. Without a
    rank, the whole wheel."""

    rank: int | None = None
    depth: int | None = None


@dataclass(frozen=True)
class Stage:
    """A session with the wheel of its next token. Without a wheel, `view` is None and `obstacle`
    is the reason."""

    state: SessionState
    view: WheelView | None = None
    obstacle: str = ""
    target: OpeningTarget = OpeningTarget()

    @property
    def session_id(self) -> str:
        return self.state.session.session_id

    @property
    def rev(self) -> int:
        return self.state.session.rev

    @property
    def settings(self) -> WheelSettings:
        return self.view.settings if self.view else self.state.session.settings

    @cached_property
    def class_card(self) -> ClassCard | None:
        """None for a session without a class."""
        member = self.state.member
        return None if member is None else ClassCard(member)

    @property
    def is_paused(self) -> bool:
        """Whether the class lets its members only look."""
        member = self.state.member
        return member is not None and not member.classroom.is_open

    @property
    def locked(self) -> frozenset[str]:
        """The names of what the class has fixed: settings, or the prompt."""
        member = self.state.member
        return frozenset() if member is None else frozenset(member.classroom.locked)

    @property
    def is_prompt_locked(self) -> bool:
        return PROMPT in self.locked

    @property
    def setting_fields(self) -> list[tuple[str, str]]:
        """Name and value, every digit, never localised: hidden in forms."""
        return [(name, repr(value)) for name, value in self.settings.as_dict().items()]

    @cached_property
    def opening(self) -> Opening | None:
        """None while the whole wheel is on show."""
        if self.view is None or self.target.rank is None:
            return None
        return find_opening(self.view, self.target.rank - 1, self.target.depth)

    @cached_property
    def picture(self) -> WheelPicture | OpenedPicture | None:
        if self.view is None:
            return None
        if self.opening is None:
            return WheelPicture(self.view)
        return OpenedPicture(self.view, self.opening.shown, self.opening.depth)

    @cached_property
    def table(self) -> SegmentTable | None:
        return SegmentTable(self.view) if self.view and not self.opening else None

    @cached_property
    def opened_table(self) -> OpenedTable | None:
        return OpenedTable(self.picture) if isinstance(self.picture, OpenedPicture) else None

    @property
    def mark_degrees(self) -> str:
        """Angle of the requested token, never localised; empty if none was requested."""
        if self.view is None or self.target.rank is None or self.target.depth is not None:
            return ""
        rank_idx = self.target.rank - 1
        if self.opening:
            group = self.opening.shown.group_of(rank_idx)
            start, end = group.start, group.end
        elif rank_idx < num_possible(self.view):
            segment = self.view.wheel.segments[rank_idx]
            start, end = segment.start, segment.end
        else:
            return ""
        return f"{(start + end) * 180:.4f}"

    @property
    def marked_token(self) -> Token | None:
        """The token whose segment on the whole wheel is marked."""
        if self.opening or not self.mark_degrees:
            return None
        assert self.view is not None
        assert self.target.rank is not None
        token_id = self.view.wheel.segments[self.target.rank - 1].token_id
        assert token_id is not None
        return self.state.token(token_id)

    @property
    def num_possible(self) -> int:
        assert self.view is not None
        return num_possible(self.view)

    @property
    def num_segments(self) -> int:
        """The number of tokens with a segment of their own; 0 without a wheel."""
        return self.view.wheel.num_above_possible if self.view else 0

    @cached_property
    def chips(self) -> list[Chip]:
        return build_chips(self.state, self.prompt_scores)

    @cached_property
    def prompt_scores(self) -> list[TokenScore] | None:
        """None if a forward pass is needed for them; the page then requests them by itself."""
        return services.known_prompt_scores(self.state)

    @property
    def prompt_figures_url(self) -> str:
        return prompt_figures_url(self.state)

    @cached_property
    def prompt_hints(self) -> PromptHints:
        return prompt_hints(self.state)

    @property
    def text_direction(self) -> str:
        return text_direction(self.state.current_text)

    @property
    def can_undo(self) -> bool:
        return bool(self.state.session.history)

    @property
    def can_redo(self) -> bool:
        return bool(self.state.session.undone)

    @cached_property
    def branch_rows(self) -> list[BranchRow]:
        """The branches that the story has left."""
        return branch_rows(self.state)

    @cached_property
    def result(self) -> Result | None:
        """The last token and how it was chosen; None before the first."""
        history = self.state.session.history
        return build_result(self.state, history[-1]) if history else None

    @property
    def model_name(self) -> str:
        return model_name(self.state.session.model_id)


def load_stage(
    session_id: str,
    overrides: Mapping[str, float] | None = None,
    target: OpeningTarget | None = None,
    *,
    is_stored: bool = True,
) -> Stage:
    """The session with the wheel of its next token.

    Without `overrides`, with the settings of the wheel last served. They are stored for the next
    spin, unless the client does not see the wheel (`is_stored=False`). Raises `InvalidFieldsError`
    for settings that are out of range.
    """
    state = services.get_session(session_id=session_id)
    return build_stage(state, overrides, target, is_stored=is_stored)


def build_stage(
    state: SessionState,
    overrides: Mapping[str, float] | None = None,
    target: OpeningTarget | None = None,
    *,
    is_stored: bool = True,
) -> Stage:
    """`load_stage` of a session that has just been read or written."""
    given = overrides or {}
    settings = state.session.settings.with_overrides(given)
    try:
        view = services.serve_wheel(
            state=state, settings=settings, given=given, is_stored=is_stored
        )
    except (NoPromptError, ContextFullError) as error:
        return Stage(state, obstacle=sentence(error))
    return Stage(view.state, view, target=target or OpeningTarget())
