"""The answer to a spin: the angle at which the wheel stops, and the wheels inside Other that it
opens on the way to the drawn token."""

from dataclasses import dataclass
from functools import cached_property

from wheel.domain.wheel_session import ChosenToken
from wheel.pages.drawing.opened_wheel import OpenedPicture
from wheel.pages.drawing.opening import opened_wheel_name, wheels_towards
from wheel.pages.drawing.wheel import WheelPicture
from wheel.pages.panels.story import Chip, Result, build_result, chosen_chips
from wheel.services import SessionState, WheelView


@dataclass(frozen=True, slots=True)
class InnerTurn:
    """The turn of a wheel inside Other, or inside a part of it. The angle at which it stops is in
    degrees clockwise from 12 o'clock, with every digit, never localised."""

    picture: OpenedPicture
    name: str
    angle_degrees: str
    segment_index: int


@dataclass(frozen=True)
class Landing:
    """The stop of a spin. `view` is the wheel that was spun, before its token was added."""

    state: SessionState
    view: WheelView
    chosen: ChosenToken

    @cached_property
    def result(self) -> Result:
        return build_result(self.state, self.chosen)

    @property
    def rev(self) -> int:
        """Of the text with the drawn token."""
        return self.state.session.rev

    @property
    def chip(self) -> Chip:
        """The drawn token in the text."""
        return chosen_chips(self.state, len(self.state.session.history) - 1)[0]

    @property
    def picture(self) -> WheelPicture:
        return WheelPicture(self.view)

    @cached_property
    def inner_turns(self) -> list[InnerTurn]:
        """One for each wheel from Other to the token, all decided by the same u. Empty if the
        token has a segment of its own on the whole wheel."""
        assert self.chosen.u is not None
        return [
            InnerTurn(
                picture=OpenedPicture(self.view, opened, depth),
                name=opened_wheel_name(opened, depth),
                angle_degrees=repr(opened.position_of(self.chosen.u) * 360),
                segment_index=opened.group_of(self.chosen.rank - 1).segment_index,
            )
            for depth, opened in enumerate(wheels_towards(self.view, self.chosen.rank - 1), start=1)
        ]
