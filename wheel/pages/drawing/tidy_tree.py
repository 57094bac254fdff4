"""Tidy layout of a tree of boxes of different sizes. x grows with the depth, y with the order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, eq=False)
class TreeBox(Generic[Item]):
    """A box to be placed, with what it shows."""

    item: Item
    width: float
    height: float
    children: Sequence["TreeBox[Item]"] = ()


@dataclass(frozen=True, slots=True)
class PlacedBox(Generic[Item]):
    """A box at its place. x: its left edge; y: its middle. `parent_idx` is None for the root."""

    box: TreeBox[Item]
    x: float
    y: float
    parent_idx: int | None


@dataclass(frozen=True)
class TreeLayout(Generic[Item]):
    """boxes: in preorder. All are inside (0, 0) to (width, height)."""

    boxes: tuple[PlacedBox[Item], ...]
    width: float
    height: float


def tidy_layout(root: TreeBox[Item], *, gap_x: float, gap_y: float) -> TreeLayout[Item]:
    """Place the boxes. gap_x: from a box to its children; gap_y: the least between neighbours."""
    raise NotImplementedError


def branch_path(start: tuple[float, float], end: tuple[float, float]) -> str:
    """SVG path data of a smooth curve that is level at both ends; to be stroked."""
    raise NotImplementedError


def stroke_width(num_members: int, num_all: int, *, widest: float, narrowest: float) -> float:
    """The width of a branch: in proportion to its members, but at least `narrowest`."""
    raise NotImplementedError


def side_by_side(widths: Sequence[float]) -> list[float]:
    """Offsets in y, from the middle of a box, of branches that leave it side by side."""
    raise NotImplementedError
