"""The ring of observed draws round the pooled wheel.

Each draw has the same part of the circle, and those of one segment are beside each other, in the
order of the wheel. The ring is complete when all stories at this place have drawn. Then its arcs
can be compared with the segments.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wheel.domain.pooled_draws import PooledDraws
from wheel.pages.drawing.geometry import point_at

RADIUS = 109.0
WIDTH = 13.0
MIN_LABEL_TURNS = 0.026  # a number in the ring is legible from here on
MAX_LABEL = 999  # a longer number is wider than the ring
MAX_MARKED_DRAWS = 120  # with more, the lines between single draws would cover them
MARK_WIDTH = 0.9  # of these lines, in user units


@dataclass(frozen=True, slots=True)
class ObservedArc:
    """The draws that hit one segment. start, length: in turns. hue_index: None for grey."""

    key: str
    hue_index: int | None
    count: int
    start: float
    length: float

    @property
    def dashes(self) -> str:
        """SVG stroke-dasharray of a circle whose path length is 1. Never localised."""
        return f"{self.length:.5f} {1 - self.length:.5f}"

    @property
    def dash_offset(self) -> str:
        return f"{-self.start:.5f}"

    @property
    def has_label(self) -> bool:
        return self.length >= MIN_LABEL_TURNS and self.count <= MAX_LABEL

    @property
    def label_transform(self) -> str:
        """In the middle draw, or the one before the middle, so that no line between draws is under
        the number."""
        middle = self.start + self.length * ((self.count + 1) // 2 - 0.5) / self.count
        x, y = point_at(middle, RADIUS)
        return f"translate({x:.2f} {y:.2f})"


def observed_arcs(
    draws: PooledDraws, hues: Sequence[int], share_drawn: float, key: str
) -> list[ObservedArc]:
    """The arcs of the segments that were drawn, from 12 o'clock on. hues: of the first segments;
    the others are grey. share_drawn: the part of the ring that they fill."""
    arcs: list[ObservedArc] = []
    num_before = 0
    for segment in draws.segments:
        if not segment.count:
            continue
        idx = segment.segment_index
        arcs.append(
            ObservedArc(
                key=f"{key}-{idx}",
                hue_index=hues[idx] if idx < len(hues) else None,
                count=segment.count,
                start=share_drawn * num_before / draws.num_draws,
                length=share_drawn * segment.count / draws.num_draws,
            )
        )
        num_before += segment.count
    return arcs


def draw_marks(num_places: int) -> str:
    """SVG stroke-dasharray of the lines between single draws, on a circle whose path length is 1;
    empty if there would be too many. num_places: draws that are there or may come."""
    if not 2 <= num_places <= MAX_MARKED_DRAWS:
        return ""
    line = MARK_WIDTH / (math.tau * RADIUS)
    return f"{line:.5f} {1 / num_places - line:.5f}"
