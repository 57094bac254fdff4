"""Contents of the lesson "One word changed": two wheels with common colours, and what differs."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from wheel.domain.comparison import ChangedToken
from wheel.domain.segments import Wheel
from wheel.domain.token import Token
from wheel.pages.drawing.shared_hues import shared_hues
from wheel.pages.drawing.still_wheel import StillWheel
from wheel.pages.drawing.text_width import shorten
from wheel.pages.drawing.wheel import is_closed, num_shown
from wheel.pages.forms import PromptForm
from wheel.pages.words.models import model_name
from wheel.pages.words.numbers import decimals, percent
from wheel.pages.words.spoken import spoken
from wheel.services import PROMPT, ComparedWheels, WheelView

FIRST, SECOND = "first", "second"
NUM_ROWS = 6  # of the tokens that gained, and of those that lost

# Of the drawing, in user units.
CHART_WIDTH, AXIS_X, MAX_BAR_WIDTH, ROW_HEIGHT = 340, 170, 112.0, 26
LABEL_GAP, LABEL_EM, LABEL_FONT_SIZE = 6, 12.0, 13


@dataclass(frozen=True)
class Side:
    """One of the two wheels, with the form that changes its text."""

    which: str
    title: str
    view: WheelView
    picture: StillWheel
    form: PromptForm

    @property
    def text(self) -> str:
        return self.view.state.current_text

    @property
    def is_fixed(self) -> bool:
        """Whether a class does not let its member change the text."""
        member = self.view.state.member
        if member is None:
            return False
        return not member.classroom.is_open or PROMPT in member.classroom.locked

    @property
    def model_name(self) -> str:
        return model_name(self.view.state.session.model_id)


@dataclass(frozen=True)
class ChangeRow:
    """A token that gained or lost, as a row of the table and a bar of the chart. `scale`: user
    units of a change of 1. `hue_index`: None for a token without a segment on either wheel."""

    token: Token
    changed: ChangedToken
    hue_index: int | None
    scale: float
    idx: int

    @property
    def is_gain(self) -> bool:
        return self.changed.change > 0

    @property
    def points(self) -> str:
        return points(self.changed.change)

    @property
    def label(self) -> str:
        return shorten(self.token.display_text, LABEL_EM)

    @property
    def y(self) -> int:
        return self.idx * ROW_HEIGHT

    @property
    def width(self) -> str:
        return f"{abs(self.changed.change) * self.scale:.2f}"

    @property
    def x(self) -> str:
        change = self.changed.change
        return f"{AXIS_X + min(change, 0.0) * self.scale:.2f}"

    @property
    def label_x(self) -> int:
        """On the other side of the axis than the bar."""
        return AXIS_X - LABEL_GAP if self.is_gain else AXIS_X + LABEL_GAP

    @property
    def value_x(self) -> str:
        """Beside the end of the bar."""
        gap = LABEL_GAP if self.is_gain else -LABEL_GAP
        return f"{AXIS_X + self.changed.change * self.scale + gap:.2f}"

    @property
    def label_anchor(self) -> str:
        return "end" if self.is_gain else "start"

    @property
    def value_anchor(self) -> str:
        return "start" if self.is_gain else "end"


class ChangeChart(ABC):
    """The tokens that gained and lost most, as bars."""

    @property
    @abstractmethod
    def rows(self) -> list[ChangeRow]:
        """From the top."""

    @property
    def chart_height(self) -> int:
        return len(self.rows) * ROW_HEIGHT

    @property
    def chart_name(self) -> str:
        """The chart in a sentence, for screen readers."""
        return "; ".join(f"{spoken(row.token)}: {row.points}" for row in self.rows)


@dataclass(frozen=True)
class TwoWheels(ChangeChart):
    """forms: of the sides whose text has been refused."""

    compared: ComparedWheels
    forms: dict[str, PromptForm]

    @cached_property
    def sides(self) -> list[Side]:
        compared = self.compared
        views = (
            (FIRST, _("First text"), compared.first),
            (SECOND, _("Second text"), compared.second),
        )
        return [
            Side(
                which,
                title,
                view,
                StillWheel(view, self.hues_on(which)),
                self._form(which, view),
            )
            for which, title, view in views
        ]

    @property
    def total_variation(self) -> float:
        return self.compared.comparison.total_variation

    @property
    def is_reshaped(self) -> bool:
        return self.compared.first.settings.reshapes or self.compared.second.settings.reshapes

    @cached_property
    def rows(self) -> list[ChangeRow]:
        """The largest gain first, the largest loss last."""
        comparison = self.compared.comparison
        changes = [*comparison.gained(NUM_ROWS), *reversed(comparison.lost(NUM_ROWS))]
        largest = max((abs(changed.change) for changed in changes), default=1.0)
        scale = MAX_BAR_WIDTH / largest
        return [
            ChangeRow(
                self.compared.vocabulary.tokens[changed.token_id],
                changed,
                self._hues.get(changed.token_id),
                scale,
                idx,
            )
            for idx, changed in enumerate(changes)
        ]

    @property
    def distance_sentence(self) -> str:
        if self.total_variation < 0.0001:
            return _("The two wheels are the same, or nearly so: no token gains or loses much.")
        return _("%(share)s of the wheel changes hands: what some tokens lose, others gain.") % {
            "share": percent(self.total_variation)
        }

    @property
    def meaning_sentence(self) -> str:
        return _(
            "This share is called the total variation distance. Somebody who sees one drawn token "
            "and has to say which of the two texts it came from can be right %(share)s of the "
            "time, and not more often; blind guessing is right half of the time."
        ) % {"share": percent(self.compared.comparison.best_guess_prob)}

    @cached_property
    def _entries(self) -> dict[str, list[int]]:
        """The tokens with a segment of their own on each wheel, as entries of the vocabulary."""
        vocabulary = self.compared.vocabulary
        return {
            FIRST: vocabulary.first_entries[list(shown_ids(self.compared.first.wheel))].tolist(),
            SECOND: vocabulary.second_entries[list(shown_ids(self.compared.second.wheel))].tolist(),
        }

    @cached_property
    def _hues(self) -> dict[int, int]:
        """By entry of the vocabulary."""
        are_closed = (is_closed(self.compared.first.wheel), is_closed(self.compared.second.wheel))
        return shared_hues(self._entries[FIRST], self._entries[SECOND], are_closed=are_closed)

    def hues_on(self, which: str) -> list[int]:
        """Of the segments of one wheel. A token has the same on both."""
        return [self._hues[entry] for entry in self._entries[which]]

    def _form(self, which: str, view: WheelView) -> PromptForm:
        initial = {"prompt": view.state.current_text, "rev": view.state.session.rev}
        return self.forms.get(which) or text_form(which, initial=initial)


def text_form(
    which: str, *, data: QueryDict | None = None, initial: dict[str, Any] | None = None
) -> PromptForm:
    return PromptForm(data, auto_id=f"{which}-%s", initial=initial)


def shown_ids(wheel: Wheel) -> Iterator[int]:
    for segment in wheel.segments[: num_shown(wheel)]:
        assert segment.token_id is not None
        yield segment.token_id


def points(change: float) -> str:
    """A change of a probability in percentage points, with its sign: +12.3, −0.42."""
    num_decimals = 1 if abs(change) >= 0.01 else 2
    text = decimals(change * 100, num_decimals)
    return f"+{text}" if change > 0 else text
