"""Parts of the wheel that can be opened: the inside of Other, of a group inside it, and so on.

A part is identified by a rank and a depth: the wheel, opened `depth` times towards the token of
this rank.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from wheel.domain.opened_wheel import OpenedWheel, open_towards
from wheel.pages.drawing.wheel import num_possible, num_shown
from wheel.pages.words.counts import ranks_text
from wheel.services import WheelView


@dataclass(frozen=True, slots=True)
class Breadcrumb:
    """A wheel opened before the one on show. `query` leads back to it."""

    text: str
    query: str


@dataclass(frozen=True)
class Opening:
    """Wheels opened one inside the other towards the token of `rank_idx` (0-based)."""

    rank_idx: int
    wheels: list[OpenedWheel]

    @property
    def depth(self) -> int:
        return len(self.wheels)

    @property
    def shown(self) -> OpenedWheel:
        return self.wheels[-1]

    @property
    def breadcrumbs(self) -> list[Breadcrumb]:
        """From Other to the wheel on show."""
        return [
            Breadcrumb(opened_wheel_name(opened, depth), query_for(self.rank_idx + 1, depth))
            for depth, opened in enumerate(self.wheels, start=1)
        ]


def find_opening(view: WheelView, rank_idx: int, depth: int | None) -> Opening | None:
    """None for a token that has a segment of its own on the whole wheel or cannot be drawn.
    Without a depth, the wheel is opened until the token has a segment of its own."""
    wheels = wheels_towards(view, rank_idx)[:depth]
    return Opening(rank_idx, wheels) if wheels else None


def wheels_towards(view: WheelView, rank_idx: int) -> list[OpenedWheel]:
    """The nested wheels to open until this token has a segment of its own; empty if it has one."""
    wheel = view.wheel
    shown, above, possible = num_shown(wheel), wheel.num_above_possible, num_possible(view)
    if not shown <= rank_idx < possible:
        return []
    first, end = (shown, above) if rank_idx < above else (above, possible)
    return list(open_towards(OpenedWheel(wheel.distribution, first, end), rank_idx))


def opened_wheel_name(opened: OpenedWheel, depth: int) -> str:
    """ "Other", or the ranks of a part of it."""
    return _("Other") if depth == 1 else ranks_text(opened.first_rank, opened.end_rank)


def query_for(rank: int, depth: int) -> str:
    """Query that opens this part of the wheel. `rank` is 1-based."""
    return urlencode({"rank": rank, "depth": depth})
