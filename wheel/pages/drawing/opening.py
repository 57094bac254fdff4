"""Which part of the wheel is on show: all of it, or what is inside Other, and inside that again.

A part is named by a rank and a depth: open the wheel towards the token of this rank, this often.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from wheel.domain.opened_wheel import OpenedWheel, open_towards
from wheel.pages.drawing.wheel import num_above_possible, num_possible, num_shown
from wheel.pages.words.numbers import count
from wheel.services import WheelView


@dataclass(frozen=True, slots=True)
class Crumb:
    """A wheel on the way to the one on show; `query` leads back to it."""

    text: str
    query: str


@dataclass(frozen=True)
class Opening:
    """The wheels opened one inside the other on the way to the token of `rank_idx` (0-based)."""

    rank_idx: int
    way: list[OpenedWheel]

    @property
    def depth(self) -> int:
        return len(self.way)

    @property
    def shown(self) -> OpenedWheel:
        return self.way[-1]

    @property
    def crumbs(self) -> list[Crumb]:
        """From Other to the wheel on show."""
        return [
            Crumb(name_of(opened, depth), query_for(self.rank_idx + 1, depth))
            for depth, opened in enumerate(self.way, start=1)
        ]


def find_opening(view: WheelView, rank_idx: int, depth: int | None) -> Opening | None:
    """None where the whole wheel is the one to show: the token has a segment of its own there, or
    none at all. Without `depth`, as deep as it takes for the token to stand alone."""
    way = way_to(view, rank_idx)[:depth]
    return Opening(rank_idx, way) if way else None


def way_to(view: WheelView, rank_idx: int) -> list[OpenedWheel]:
    """The wheels to be opened, one inside the other, until this token stands alone."""
    shown, above, possible = num_shown(view), num_above_possible(view), num_possible(view)
    if not shown <= rank_idx < possible:
        return []
    first, end = (shown, above) if rank_idx < above else (above, possible)
    return list(open_towards(OpenedWheel(view.wheel.distribution, first, end), rank_idx))


def name_of(opened: OpenedWheel, depth: int) -> str:
    """ "Other", or the ranks where it is only a part of that."""
    return _("Other") if depth == 1 else ranks_text(opened.first_rank, opened.end_rank)


def ranks_text(first_rank: int, end_rank: int) -> str:
    """ "ranks 46–58" of 0-based ranks, the end not included."""
    return _("ranks %(first)s–%(last)s") % {"first": count(first_rank + 1), "last": count(end_rank)}


def query_for(rank: int, depth: int) -> str:
    """rank: 1-based"""
    return urlencode({"rank": rank, "depth": depth})
