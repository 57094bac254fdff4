"""SVG geometry of arcs, in user units round the centre (0, 0), y downwards.

Arcs are in turns, clockwise from 12 o'clock. This module does not use tokens.
"""

import math

RIM_RADIUS = 92.0
RING_RADIUS = 96.9
HUB_RADIUS = 27.0
MAX_STROKE_WIDTH = 0.5
MAX_STROKE_SHARE = 0.06  # of the length of the narrowest of three arcs along the rim


def point_at(turns: float, radius: float) -> tuple[float, float]:
    """(x, y) of an angle clockwise from 12 o'clock."""
    angle = turns * math.tau
    return radius * math.sin(angle), -radius * math.cos(angle)


def arc_path(start: float, end: float, radius: float = RIM_RADIUS) -> str:
    """The SVG path of a sector from `start` to `end`, in turns; empty if it has no width."""
    if end <= start:
        return ""
    is_whole = start == 0 and end == 1
    spoke = "" if is_whole else "0 0L"
    return f"M{spoke}{arc_commands(start, end, radius)}Z"


def ring_path(start: float, end: float, radius: float = RING_RADIUS) -> str:
    """The SVG path of a bare arc, to be stroked; empty if it has no width."""
    return f"M{arc_commands(start, end, radius)}" if end > start else ""


def arc_commands(start: float, end: float, radius: float) -> str:
    """SVG path commands from one point to the other, in two arcs: a single arc is ambiguous at half
    a turn, and vanishes at a full one."""
    first, middle, last = (
        "{:.3f} {:.3f}".format(*point_at(turns, radius))
        for turns in (start, (start + end) / 2, end)
    )
    return f"{first}A{radius:g} {radius:g} 0 0 1 {middle}A{radius:g} {radius:g} 0 0 1 {last}"


def stroke_widths(sweeps: list[float]) -> list[float]:
    """Width of the line round each of these sectors, which fill the circle in this order.

    A line covers half of its width of the sectors on both sides, so it is in proportion to the
    narrowest of the three: at most 12 % of a sector is covered by lines, however narrow it is.
    """
    following = [*sweeps[1:], *sweeps[:1]]
    preceding = [*sweeps[-1:], *sweeps[:-1]]
    return [
        min(MAX_STROKE_WIDTH, MAX_STROKE_SHARE * min(three) * math.tau * RIM_RADIUS)
        for three in zip(preceding, sweeps, following, strict=True)
    ]
