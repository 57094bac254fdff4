"""What a spin's answer carries: where the wheel stops, and, where that is in the grey, the wheels
inside it in which the same u goes on to its one token."""

from dataclasses import dataclass
from functools import cached_property

from wheel.domain.wheel_session import ChosenToken
from wheel.pages.drawing.opened_wheel import OpenedPicture
from wheel.pages.drawing.opening import name_of, way_to
from wheel.pages.drawing.wheel import WheelPicture
from wheel.pages.panels.story import Result, build_result
from wheel.services import SessionState, WheelView


@dataclass(frozen=True, slots=True)
class Leg:
    """One more wheel to be turned: inside Other, or inside that again. The angle is where it
    stops, clockwise from 12 o'clock, every digit, never localised."""

    picture: OpenedPicture
    name: str
    angle_degrees: str
    segment_index: int


@dataclass(frozen=True)
class Landing:
    """view: the wheel that was spun, as it was before its token was added"""

    state: SessionState
    view: WheelView
    chosen: ChosenToken

    @cached_property
    def result(self) -> Result:
        return build_result(self.state, self.chosen)

    @property
    def picture(self) -> WheelPicture:
        return WheelPicture(self.view)

    @cached_property
    def legs(self) -> list[Leg]:
        """Empty where the token has a segment of its own on the whole wheel."""
        assert self.chosen.u is not None
        return [
            Leg(
                picture=OpenedPicture(self.view, opened, depth),
                name=name_of(opened, depth),
                angle_degrees=repr(opened.position_of(self.chosen.u) * 360),
                segment_index=opened.group_of(self.chosen.rank - 1).segment_index,
            )
            for depth, opened in enumerate(way_to(self.view, self.chosen.rank - 1), start=1)
        ]
