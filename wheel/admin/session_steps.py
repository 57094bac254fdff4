"""The steps of a session on its admin page: their figures, and a small picture of each wheel.

Figures are those recorded when the token was chosen. A picture is computed again from the token ids
and the settings, one forward pass each, so that browsers ask for those in view only.
"""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.template.loader import render_to_string

from wheel import services
from wheel.domain.token import surprisal_bits
from wheel.domain.wheel_settings import SETTINGS_IN_DISPLAY_ORDER, WheelSettings
from wheel.errors import MissingError
from wheel.pages.drawing.geometry import arc_path, point_at
from wheel.pages.drawing.wheel import WheelPicture
from wheel.pages.exports.picture import PaintedSegment, fill_of
from wheel.pages.words.numbers import setting
from wheel.services import HistoryItem, SessionState, WheelView

STEPS_PER_PAGE = 50
POINTER_RADII = (60.0, 104.0)


@dataclass(frozen=True)
class Step:
    """One chosen token; `number` is 1-based."""

    number: int
    item: HistoryItem

    @property
    def surprisal_bits(self) -> float | None:
        """None for a token that a filter had removed."""
        log_prob = self.item.chosen.log_prob
        return None if log_prob is None else surprisal_bits(log_prob)

    @property
    def settings(self) -> str:
        """Those that were not neutral: "temperature 0.7, top_k 40"; empty if none was."""
        return ", ".join(changed_settings(self.item.chosen.settings))


def changed_settings(settings: WheelSettings) -> list[str]:
    values = settings.as_dict()
    return [
        f"{spec.name} {setting(values[spec.name])}"
        for spec in SETTINGS_IN_DISPLAY_ORDER
        if values[spec.name] != spec.neutral
    ]


def page_of_steps(state: SessionState, number: str | None) -> Page[Step]:
    """A page of the steps, oldest first; the nearest one for a number out of range."""
    steps = [Step(number, item) for number, item in enumerate(state.history_items, start=1)]
    return Paginator(steps, STEPS_PER_PAGE).get_page(number)


def step_picture(state: SessionState, number: int) -> str:
    """The wheel of a step as SVG: its segments, the arc of the token, and the pointer where it
    stopped. It names no token. Raises `MissingError` if there is no such step, and what
    `wheel_after` raises."""
    session = state.session
    if not 1 <= number <= len(session.history):
        raise MissingError
    chosen = session.history[number - 1]
    num_before = len(session.prompt_token_ids) + number - 1
    view = services.wheel_after(
        model_id=session.model_id,
        token_ids=session.token_ids[:num_before],
        settings=chosen.settings,
        counted_text=session.counted_text,
    )
    context = {
        "segments": painted_segments(view),
        "arc": arc_path(*view.wheel.arc_of(chosen.token_id)),
        "pointer": None if chosen.u is None else pointer_path(chosen.u),
    }
    return render_to_string("admin/wheel/sessionindexentry/step.svg", context)


def painted_segments(view: WheelView) -> list[PaintedSegment]:
    return [PaintedSegment(segment, fill_of(segment)) for segment in WheelPicture(view).segments]


def pointer_path(u: float) -> str:
    """A line along the radius at u, in turns."""
    ends = ("{:.2f} {:.2f}".format(*point_at(u, radius)) for radius in POINTER_RADII)
    return "M{}L{}".format(*ends)
