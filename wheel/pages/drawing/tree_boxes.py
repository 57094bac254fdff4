"""Boxes of a tree of stories: their words, links and sizes, before they have a place.

Lengths are in units of a sixteenth of the page's text size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wheel.pages.drawing.text_width import text_width
from wheel.pages.drawing.tidy_tree import TreeBox

TEXT_SIZE, CAPTION_SIZE, LINE_HEIGHT, CAPTION_HEIGHT = 18.0, 13.0, 23.0, 18.0
PADDING, DOT_ROOM, ZOOM_ROOM = 6.0, 14.0, 24.0
WIDEST, NARROWEST = 18.0, 1.5
STUB_TEXT_SIZE, STUB_LINE_HEIGHT = 15.0, 20.0


class Kind(StrEnum):
    """ROOT and BRANCH have a text. The others are stubs: ALONE for folded stories, HIDDEN for
    hidden ones, MORE for branches without room."""

    ROOT = "root"
    BRANCH = "branch"
    ALONE = "alone"
    HIDDEN = "hidden"
    MORE = "more"


@dataclass(frozen=True)
class BoxWords:
    """A box with its words and links.

    lines        of the text; of a stub, the first line says what it stands for, and the others
                 have the first tokens of its stories
    caption      below the text
    spoken       the text as it is read aloud; empty if it is the visible one
    fork_query, zoom_query, follow_query  empty if there is no such link
    stroke       the width of the branch
    hues         of its segment on the pooled wheel, or of those of a stub: one for each strand that
                 is drawn; None elsewhere, and for grey
    is_fork      whether its end is marked as a place where stories part or stand
    is_chosen    whether the pooled wheel is the wheel of its end
    """

    kind: Kind
    key: str
    lines: tuple[str, ...]
    caption: str
    num_members: int
    stroke: float
    spoken: str = ""
    fork_query: str = ""
    zoom_query: str = ""
    follow_query: str = ""
    hues: tuple[int | None, ...] = (None,)
    is_fork: bool = False
    is_chosen: bool = False
    is_followed: bool = False

    @property
    def is_text(self) -> bool:
        return self.kind in (Kind.ROOT, Kind.BRANCH)

    @property
    def query(self) -> str:
        """The link of the whole box."""
        return self.fork_query or self.follow_query or self.zoom_query

    @property
    def above(self) -> float:
        """Height above the middle of the branch."""
        if not self.is_text:
            return self._stub_height / 2
        return len(self.lines) * LINE_HEIGHT + self.stroke / 2

    @property
    def below(self) -> float:
        if not self.is_text:
            return self._stub_height / 2
        return CAPTION_HEIGHT + self.stroke / 2

    @property
    def _stub_height(self) -> float:
        return CAPTION_HEIGHT + (len(self.lines) - 1) * STUB_LINE_HEIGHT + 6

    @property
    def width(self) -> float:
        size = TEXT_SIZE if self.is_text else STUB_TEXT_SIZE
        text = max(text_width(plain(line)) for line in self.lines) * size
        text = max(text, text_width(self.caption) * CAPTION_SIZE)
        room = DOT_ROOM * self.is_fork + ZOOM_ROOM * bool(self.zoom_query and self.is_text)
        return text + 2 * PADDING + room


def box_of(words: BoxWords, children: Sequence[TreeBox[BoxWords]] = ()) -> TreeBox[BoxWords]:
    return TreeBox(words, words.width, words.above + words.below, children)


def plain(line: str) -> str:
    """Without the signs that isolate a direction, which have no width."""
    return line.translate({0x2067: None, 0x2069: None})
