"""A tree of stories as a picture and as a nested list."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from wheel.pages.drawing.branch_paths import branch_path, side_by_side
from wheel.pages.drawing.tidy_tree import PlacedBox, TreeLayout
from wheel.pages.drawing.tree_boxes import (
    CAPTION_SIZE,
    LINE_HEIGHT,
    PADDING,
    STUB_LINE_HEIGHT,
    WIDEST,
    BoxWords,
)

GAP_X, GAP_Y, MARGIN = 54.0, 10.0, 12.0
UNITS_PER_REM = 16.0
SMALL_WIDTH = 700.0
ITEM_BEGINS, ITEM_ENDS = SafeString("<li>"), SafeString("</li>")
CHILDREN_BEGIN, CHILDREN_END = SafeString("<ul>"), SafeString("</ul></li>")
MIN_STRAND_WIDTH, MAX_STRAND_WIDTH, MAX_STRAND_GAP = 1.2, 2.5, 9.0


@dataclass(frozen=True, slots=True)
class Strand:
    """A stroke of a branch. hue_index: None for a neutral colour."""

    path: str
    width: float
    hue_index: int | None

    @property
    def stroke(self) -> str:
        return f"{self.width:.2f}"


@dataclass(frozen=True)
class TreeShape:
    """A box with its place. y: the middle of its branch. start: where its branch leaves its
    parent; None for the root. level: 1 for the root. Strings are never localised."""

    words: BoxWords
    x: float
    y: float
    right: float
    start: tuple[float, float] | None
    level: int

    @property
    def strands(self) -> list[Strand]:
        """The branch: a curve from the parent, and a line below the text. A stub has one curve for
        each of its stories."""
        words = self.words
        if self.start is None:
            return [Strand(f"M{self.x:.1f} {self.y:.1f}H{self.right:.1f}", words.stroke, None)]
        if words.is_text:
            curve = branch_path(self.start, (self.x, self.y))
            return [Strand(f"{curve}H{self.right:.1f}", words.stroke, words.hues[0])]
        num = len(words.hues)
        leaving = words.stroke / num
        arriving = min(MAX_STRAND_GAP, (words.above + words.below - 4) / num)
        (x, y), middle = self.start, (num - 1) / 2
        return [
            Strand(
                branch_path(
                    (x, y + (idx - middle) * leaving),
                    (self.x, self.y + (idx - middle) * arriving),
                ),
                min(MAX_STRAND_WIDTH, max(MIN_STRAND_WIDTH, leaving)),
                hue_index,
            )
            for idx, hue_index in enumerate(words.hues)
        ]

    @property
    def transform(self) -> str:
        return f"translate({self.x:.1f} {self.y:.1f})"

    @property
    def line_places(self) -> list[tuple[str, str]]:
        """Each line of the text, and the y of its baseline from the middle of the branch."""
        if not self.words.is_text:
            top = -self.words.above + CAPTION_SIZE + 2
            return [
                (line, f"{top + idx * STUB_LINE_HEIGHT:.1f}")
                for idx, line in enumerate(self.words.lines)
            ]
        lowest = -self.words.stroke / 2 - 6
        num = len(self.words.lines)
        return [
            (line, f"{lowest - (num - 1 - idx) * LINE_HEIGHT:.1f}")
            for idx, line in enumerate(self.words.lines)
        ]

    @property
    def caption_y(self) -> str:
        return f"{self.words.stroke / 2 + 14:.1f}"

    @property
    def text_x(self) -> str:
        return f"{PADDING:g}"

    @property
    def dot_x(self) -> str:
        return f"{self.right - self.x:.1f}"

    @property
    def dot_radius(self) -> str:
        return f"{max(5.0, self.words.stroke / 2 + 2):.1f}"

    @property
    def zoom_transform(self) -> str:
        return f"translate({self.right - self.x - 12:.1f} {self.words.stroke / 2 + 15:.1f})"

    @property
    def hit_box(self) -> tuple[str, str, str, str]:
        """x, y, width and height of the area that a click on the box covers."""
        words = self.words
        values = (0.0, -words.above, self.right - self.x, words.above + words.below)
        x, y, width, height = (f"{value:.1f}" for value in values)
        return x, y, width, height


@dataclass(frozen=True)
class ListItem:
    """An item of the nested list. next_level: of the item after it."""

    shape: TreeShape
    next_level: int
    tag_before = ITEM_BEGINS

    @property
    def tags_after(self) -> SafeString:
        """The tags between this item and the next: the list in it begins, or lists end."""
        num_closed = self.shape.level - self.next_level
        if num_closed < 0:
            return CHILDREN_BEGIN
        return SafeString(ITEM_ENDS + CHILDREN_END * num_closed)


@dataclass(frozen=True)
class TreeDrawing:
    """The boxes of a tree in their places."""

    layout: TreeLayout[BoxWords]

    @cached_property
    def shapes(self) -> list[TreeShape]:
        """All boxes, each after its parent."""
        boxes = self.layout.boxes
        starts = self._starts
        levels: list[int] = []
        for placed in boxes:
            levels.append(1 if placed.parent_idx is None else levels[placed.parent_idx] + 1)
        return [
            TreeShape(
                placed.box.item,
                placed.x + MARGIN,
                line_y(placed),
                placed.right + MARGIN,
                starts.get(idx),
                levels[idx],
            )
            for idx, placed in enumerate(boxes)
        ]

    @property
    def shapes_with_followed_last(self) -> list[TreeShape]:
        """The order of painting: the followed branches lie above the others."""
        return sorted(self.shapes, key=lambda shape: shape.words.is_followed)

    @property
    def place(self) -> str:
        """Another text for every tree or story that is to be scrolled to."""
        return self.shapes[0].words.key

    @property
    def _starts(self) -> dict[int, tuple[float, float]]:
        """Where each branch leaves its parent, by the index of its box."""
        boxes = self.layout.boxes
        child_idxs: dict[int, list[int]] = {}
        for idx, placed in enumerate(boxes):
            if placed.parent_idx is not None:
                child_idxs.setdefault(placed.parent_idx, []).append(idx)
        starts = {}
        for parent_idx, idxs in child_idxs.items():
            parent = boxes[parent_idx]
            offsets = side_by_side([boxes[idx].box.item.stroke for idx in idxs])
            for idx, offset in zip(idxs, offsets, strict=True):
                starts[idx] = (parent.right + MARGIN, line_y(parent) + offset)
        return starts

    @cached_property
    def list_items(self) -> list[ListItem]:
        """The boxes as a nested list, each item before those in it."""
        ordered = list(self._preorder())
        following = [self.shapes[idx].level for idx in ordered[1:]] + [1]
        return [
            ListItem(self.shapes[idx], level) for idx, level in zip(ordered, following, strict=True)
        ]

    def _preorder(self) -> Iterator[int]:
        children: dict[int | None, list[int]] = {}
        for idx, placed in enumerate(self.layout.boxes):
            children.setdefault(placed.parent_idx, []).append(idx)
        waiting = [0]
        while waiting:
            idx = waiting.pop()
            yield idx
            waiting.extend(reversed(children.get(idx, [])))

    @property
    def view_box(self) -> str:
        return f"0 0 {self._width:.0f} {self._height:.0f}"

    @property
    def width_rem(self) -> str:
        return f"{self._width / UNITS_PER_REM:.2f}rem"

    @property
    def height_rem(self) -> str:
        return f"{self._height / UNITS_PER_REM:.2f}rem"

    @property
    def is_small(self) -> bool:
        """Whether a wide screen has room for a larger picture."""
        return self._width < SMALL_WIDTH

    @property
    def _width(self) -> float:
        return self.layout.width + 2 * MARGIN + WIDEST

    @property
    def _height(self) -> float:
        return self.layout.height + 2 * MARGIN


def line_y(placed: PlacedBox[BoxWords]) -> float:
    return placed.top + MARGIN + placed.box.item.above
