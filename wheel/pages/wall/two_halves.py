"""The wheels of the two halves of a class with two prompts, side by side, and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from wheel import services
from wheel.models import Classroom, Half
from wheel.pages.lessons.two_wheels import FIRST, SECOND, ChangeChart, ChangeRow, TwoWheels
from wheel.pages.wall.pooled_wheel import PooledWheel, build_pooled_wheel
from wheel.services.classrooms import Story


@dataclass(frozen=True)
class TwoHalves(ChangeChart):
    """compared: None if one of the wheels has an obstacle."""

    first: PooledWheel
    second: PooledWheel
    compared: TwoWheels | None

    @property
    def obstacle(self) -> str:
        return self.first.obstacle or self.second.obstacle

    @property
    def sides(self) -> list[tuple[str, PooledWheel]]:
        """Each with its title."""
        return [(str(Half.FIRST.label), self.first), (str(Half.SECOND.label), self.second)]

    def of(self, half: Half) -> PooledWheel:
        return self.second if half == Half.SECOND else self.first

    @cached_property
    def rows(self) -> list[ChangeRow]:
        """The tokens that gained most and those that lost most, as on the lesson's page, without
        those with which only hidden stories go on."""
        rows = self.compared.rows if self.compared else []
        visible = [row for row in rows if self._is_visible(row.token.token_id)]
        return [replace(row, idx=idx) for idx, row in enumerate(visible)]

    def _is_visible(self, token_id: int) -> bool:
        return all(side.visible_token(token_id) is not None for side in (self.first, self.second))


def build_two_halves(classroom: Classroom, stories: Sequence[Story]) -> TwoHalves | None:
    """None for a class with one prompt. A token has the same hue on both wheels."""
    if not classroom.has_halves:
        return None
    first, second = (build_pooled_wheel(classroom, stories, None, half) for half in Half)
    assert first is not None
    assert second is not None
    if first.view is None or second.view is None:
        return TwoHalves(first, second, None)
    compared = TwoWheels(services.compare_views(first.view, second.view), {})
    return TwoHalves(
        replace(first, own_hues=tuple(compared.hues_on(FIRST))),
        replace(second, own_hues=tuple(compared.hues_on(SECOND))),
        compared,
    )
