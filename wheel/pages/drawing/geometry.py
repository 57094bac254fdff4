"""SVG geometry of arcs and labels, in user units round the centre (0, 0), y downwards.

Arcs are in turns, clockwise from 12 o'clock. This module does not use tokens.
"""

import math
import unicodedata
from dataclasses import dataclass

RIM_RADIUS = 92.0
RING_RADIUS = 96.9
HUB_RADIUS = 27.0
MIN_LABEL_DEGREES = 10.0
MIN_UPRIGHT_DEGREES = 60.0
MIN_SHORT_UPRIGHT_DEGREES, SHORT_COLUMNS = 36.0, 4
UPRIGHT_RADIUS = 60.0
LABEL_INSET = 4.0
LABEL_WIDTH = RIM_RADIUS - HUB_RADIUS - 2 * LABEL_INSET
MIN_FONT_SIZE, MAX_FONT_SIZE, MAX_UPRIGHT_FONT_SIZE = 4.8, 9.0, 12.0
COLUMN_WIDTH = 0.6  # of an average character, as a share of the font size


@dataclass(frozen=True, slots=True)
class Label:
    """A text on a segment, rotated about the centre by `rotation_degrees` and then moved to
    (x, y). An upright label has room for a second line."""

    text: str
    x: float
    y: float
    rotation_degrees: float
    anchor: str
    font_size: float
    is_upright: bool


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


def sector_label(
    text: str, start: float, end: float, *, short_text: str | None = None
) -> Label | None:
    """A label for a sector, or None for a sector narrower than 10°. An upright label takes
    `short_text`, if given, because a second line follows it."""
    sweep_degrees = (end - start) * 360
    if sweep_degrees < MIN_LABEL_DEGREES or not text:
        return None
    is_short = num_columns(text) <= SHORT_COLUMNS
    if sweep_degrees >= (MIN_SHORT_UPRIGHT_DEGREES if is_short else MIN_UPRIGHT_DEGREES):
        return upright_label(short_text or text, start, end)
    return radial_label(text, start, end)


def upright_label(text: str, start: float, end: float) -> Label:
    """Horizontal, in the middle of a wide sector."""
    text, font_size = fit_text(text, LABEL_WIDTH, MAX_UPRIGHT_FONT_SIZE)
    x, y = point_at((start + end) / 2, UPRIGHT_RADIUS)
    return Label(text, x, y, 0.0, "middle", font_size, is_upright=True)


def radial_label(text: str, start: float, end: float) -> Label:
    """Along the radius, from the rim inwards, and never upside down."""
    middle_degrees = (start + end) * 180
    height = 2 * UPRIGHT_RADIUS * math.tan((end - start) * math.pi)
    text, font_size = fit_text(text, LABEL_WIDTH, min(MAX_FONT_SIZE, 0.75 * height))
    is_left = middle_degrees > 180
    x = RIM_RADIUS - LABEL_INSET
    return Label(
        text,
        -x if is_left else x,
        0.0,
        middle_degrees + 90 if is_left else middle_degrees - 90,
        "start" if is_left else "end",
        font_size,
        is_upright=False,
    )


def fit_text(text: str, width: float, max_font_size: float) -> tuple[str, float]:
    """The text, shortened if necessary, and the font size at which it is at most `width` wide."""
    max_columns = int(width / (COLUMN_WIDTH * MIN_FONT_SIZE))
    while num_columns(text) > max_columns:
        text = text.rstrip("…")[:-1] + "…"
    font_size = width / (COLUMN_WIDTH * max(1, num_columns(text)))
    return text, max(MIN_FONT_SIZE, min(font_size, max_font_size))


def num_columns(text: str) -> int:
    """Width in average characters. East Asian characters and emoji count twice."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
