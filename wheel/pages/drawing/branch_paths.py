"""SVG curves of the branches of a tree, as wide as their number of members."""

from collections.abc import Sequence
from itertools import accumulate


def stroke_width(num_members: int, num_all: int, *, widest: float, narrowest: float) -> float:
    """The width of a branch: `widest` for all members, in proportion for fewer, but at least
    `narrowest`, so that one of 200 is visible."""
    return max(narrowest, widest * num_members / num_all) if num_all else narrowest


def side_by_side(widths: Sequence[float]) -> list[float]:
    """The middles of strokes of these widths that lie side by side, relative to the middle of all:
    the branches leave a fork as one stroke that splits."""
    ends = list(accumulate(widths, initial=0.0))
    return [end - width / 2 - ends[-1] / 2 for end, width in zip(ends[1:], widths, strict=True)]


def branch_path(start: tuple[float, float], end: tuple[float, float]) -> str:
    """SVG path data of a cubic curve, level at both ends, to be stroked. Its y lies between those
    of its ends."""
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    return f"M{x1:.2f} {y1:.2f}C{middle:.2f} {y1:.2f} {middle:.2f} {y2:.2f} {x2:.2f} {y2:.2f}"
