"""Tidy layout of a tree of boxes of different sizes: x grows with the depth, y with the order.

Subtrees are packed by their contours, so that one may reach under a shorter neighbour. Boxes of the
same depth need not have the same x: each begins after its parent.

Sources: E. M. Reingold, J. S. Tilford, "Tidier Drawings of Trees", 1981; A. van der Ploeg, "Drawing
Non-layered Tidy Trees in Linear Time", 2014. There, threads join the contours; here, contours are
linked lists with relative offsets. Instead of spreading the space between siblings, the layout is
the mean of two, one packed from the first child on and one from the last, so that a mirrored tree
has a mirrored layout.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from wheel.pages.drawing.contour import Contour

Item = TypeVar("Item")


@dataclass(frozen=True, eq=False)
class TreeBox(Generic[Item]):
    """A box to be placed, and the item that it shows."""

    item: Item
    width: float
    height: float
    children: Sequence["TreeBox[Item]"] = ()


@dataclass(frozen=True, slots=True)
class PlacedBox(Generic[Item]):
    """A box with its place. x: its left edge. y: its middle. parent_idx: None for the root."""

    box: TreeBox[Item]
    x: float
    y: float
    parent_idx: int | None

    @property
    def right(self) -> float:
        return self.x + self.box.width

    @property
    def top(self) -> float:
        return self.y - self.box.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.box.height / 2


@dataclass(frozen=True)
class TreeLayout(Generic[Item]):
    """All boxes, each after its parent and children in their order, from (0, 0) to
    (width, height)."""

    boxes: tuple[PlacedBox[Item], ...]
    width: float
    height: float


def tidy_layout(root: TreeBox[Item], *, gap_x: float, gap_y: float) -> TreeLayout[Item]:
    """Place each box `gap_x` after its parent, and in the middle between its first and last child.

    Boxes that are beside each other are at least `gap_y` apart. The curves from a box to its
    children cross no other box: the gap before a box belongs to it.
    """
    nodes = nodes_of(root, gap_x)
    forward = packed_ys(nodes, gap_y, is_mirrored=False)
    backward = packed_ys(nodes, gap_y, is_mirrored=True)
    middles = [(down - up) / 2 for down, up in zip(forward, backward, strict=True)]
    top = min(y - node.box.height / 2 for node, y in zip(nodes, middles, strict=True))
    boxes = tuple(
        PlacedBox(node.box, node.x, y - top, node.parent_idx)
        for node, y in zip(nodes, middles, strict=True)
    )
    return TreeLayout(
        boxes, max(placed.right for placed in boxes), max(placed.bottom for placed in boxes)
    )


@dataclass(slots=True)
class Node(Generic[Item]):
    """A box on its way to its place, with the indices of its parent and children."""

    box: TreeBox[Item]
    x: float
    parent_idx: int | None
    child_idxs: list[int] = field(default_factory=list)


def nodes_of(root: TreeBox[Item], gap_x: float) -> list[Node[Item]]:
    """The boxes in level order, with their x."""
    nodes = [Node(root, 0.0, None)]
    for idx, node in enumerate(nodes):  # the list grows meanwhile
        node.child_idxs.extend(range(len(nodes), len(nodes) + len(node.box.children)))
        right = node.x + node.box.width + gap_x
        nodes.extend(Node(child, right, idx) for child in node.box.children)
    return nodes


def packed_ys(nodes: Sequence[Node[Item]], gap_y: float, *, is_mirrored: bool) -> list[float]:
    """The middle of each box, with the root's at 0, if each child is as close to those before it as
    possible. is_mirrored: with the children of each box in reverse order."""
    offsets = [0.0] * len(nodes)  # from the parent's middle
    contours: dict[int, Contour] = {}  # by index, until they are packed with their siblings
    for idx in reversed(range(len(nodes))):
        node = nodes[idx]
        right = node.x + node.box.width
        if not node.child_idxs:
            contours[idx] = Contour.of_box(right, node.box.height)
            continue
        child_idxs = node.child_idxs[::-1] if is_mirrored else node.child_idxs
        contour = contours.pop(child_idxs[0])
        for child_idx in child_idxs[1:]:
            offsets[child_idx] = contour.append(contours.pop(child_idx), gap_y)
        middle = offsets[child_idxs[-1]] / 2
        for child_idx in child_idxs:
            offsets[child_idx] -= middle
        contour.move(-middle)
        contour.put_after(right, node.box.height)
        contours[idx] = contour
    return sums_from_root(nodes, offsets)


def sums_from_root(nodes: Sequence[Node[Item]], offsets: Sequence[float]) -> list[float]:
    sums: list[float] = []
    for node, offset in zip(nodes, offsets, strict=True):
        sums.append(offset if node.parent_idx is None else sums[node.parent_idx] + offset)
    return sums
