"""Labels of sectors: as large as the sector allows, entirely inside it, never under the pointer.

Lengths are in user units of the drawing, in which a wheel 360 px wide has 1.55 px a unit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from wheel.pages.drawing.geometry import HUB_RADIUS, point_at
from wheel.pages.drawing.text_width import ELLIPSIS, shorten, text_width

OUTER_RADIUS = 88.5  # the tip of the pointer ends outside it
INNER_RADIUS = HUB_RADIUS + 4.0
SIGN_RADIUS = 36.0  # of the sign on segments that open
SIGN_INNER_RADIUS = 42.0  # inner end of a label beside this sign
SIGN_HEIGHT = 10.5  # above an upright label
MIN_SIGN_DEGREES = 18.0

MIN_FONT_SIZE, MAX_FONT_SIZE = 5.8, 9.0  # 5.8 is 9 px on a phone 360 px wide
UPRIGHT_RADII = (60.0, 56.0, 52.0, 48.0)
UPRIGHT_FONT_SIZES = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0)
LINE_HEIGHT = 0.95  # from ascender to descender, as a share of the font size
CAPTION_FONT_SIZE, CAPTION_LINE = 5.8, 7.0
TEXT_RISE = 0.2  # of an upright text, to make room for its caption
MIN_UPRIGHT_DEGREES = 15.0  # in narrower sectors texts are along the radius
MIN_WIDE_DEGREES = 60.0  # from here on a text is shortened rather than turned
MIN_LETTERS = 3  # of a shortened text
WIDEST_CHORD = 0.49  # turns; in wider sectors no chord limits a label

TURNED_DIGITS = {"0": "0", "6": "9", "8": "8", "9": "6"}  # by 180°

Captions = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Label:
    """A text on a segment, rotated about the centre by `rotation_degrees` and then moved to
    (x, y). An upright label is centred there and has a caption of one or two lines below.
    `is_underlined`: the text would read as another one upside down."""

    text: str
    x: float
    y: float
    rotation_degrees: float
    anchor: str
    font_size: float
    is_upright: bool
    caption: tuple[str, ...] = ()
    is_underlined: bool = False

    @property
    def caption_places(self) -> list[tuple[str, str]]:
        """Each line of the caption, and the y of its middle from that of the label. Never
        localised."""
        return [(line, f"{caption_y(idx):g}") for idx, line in enumerate(self.caption)]


def sector_label(
    text: str,
    start: float,
    end: float,
    *,
    captions: Captions = ((),),
    short_text: str | None = None,
    has_sign: bool = False,
) -> Label | None:
    """A label for a sector, or None if no legible one fits.

    An upright label takes `short_text`, if given, because its caption has the rest, and the first
    of the `captions` that fits. `has_sign`: there is room for the sign beside it.
    """
    if not text or end <= start:
        return None
    upright = upright_label(short_text or text, captions, start, end, has_sign=has_sign)
    radial = radial_label(text, short_text or text, start, end, has_sign=has_sign)
    label = upright if is_wide(start, end) and upright else larger(upright, radial)
    return replace(label, is_underlined=is_another_text_turned(label.text)) if label else None


def larger(*labels: Label | None) -> Label | None:
    return max(filter(None, labels), key=lambda label: label.font_size, default=None)


def is_wide(start: float, end: float) -> bool:
    return (end - start) * 360 >= MIN_WIDE_DEGREES


def has_room_for_sign(start: float, end: float) -> bool:
    return (end - start) * 360 >= MIN_SIGN_DEGREES


def sign_place(label: Label | None, start: float, end: float) -> tuple[float, float]:
    """(x, y) of the sign that a segment opens: above an upright label, else near the hub."""
    if label and label.is_upright:
        return label.x, label.y - text_top(label.font_size) - SIGN_HEIGHT / 2
    return point_at((start + end) / 2, SIGN_RADIUS)


def upright_label(
    text: str, captions: Captions, start: float, end: float, *, has_sign: bool
) -> Label | None:
    """Horizontal, in the middle of a wide sector, as far from the hub as it fits."""
    if (end - start) * 360 < MIN_UPRIGHT_DEGREES:
        return None
    if is_wide(start, end):
        text = shorten(text, (OUTER_RADIUS - INNER_RADIUS) / UPRIGHT_FONT_SIZES[-1])
    width = text_width(text)
    for caption, font_size, radius in product(captions, UPRIGHT_FONT_SIZES, UPRIGHT_RADII):
        x, y = point_at((start + end) / 2, radius)
        half_width = max(width * font_size, caption_width(caption)) / 2
        top = text_top(font_size) + (SIGN_HEIGHT if has_sign else 0.0)
        bottom = caption_y(len(caption) - 1) + CAPTION_FONT_SIZE / 2
        box = (x - half_width, y - top, x + half_width, y + bottom)
        if is_box_inside(box, start, end):
            return Label(text, x, y, 0.0, "middle", font_size, is_upright=True, caption=caption)
    return None


def text_top(font_size: float) -> float:
    """Height of an upright text above the label's point."""
    return (TEXT_RISE + LINE_HEIGHT / 2) * font_size


def caption_width(caption: tuple[str, ...]) -> float:
    return max(map(text_width, caption), default=0.0) * CAPTION_FONT_SIZE


def caption_y(idx: int) -> float:
    """The middle of a line of the caption, below the label's point."""
    return (idx + 1.25) * CAPTION_LINE


def is_box_inside(box: tuple[float, float, float, float], start: float, end: float) -> bool:
    """Whether a box (left, top, right, bottom) is in the sector, between the radii of labels."""
    left, top, right, bottom = box
    if math.hypot(max(left, 0.0, -right), max(top, 0.0, -bottom)) < INNER_RADIUS:
        return False
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    return all(
        math.hypot(x, y) <= OUTER_RADIUS and start <= turns_of(x, y) <= end for x, y in corners
    )


def turns_of(x: float, y: float) -> float:
    """The angle of a point, clockwise from 12 o'clock, in [0, 1)."""
    return math.atan2(x, -y) / math.tau % 1.0


def radial_label(
    text: str, short_text: str, start: float, end: float, *, has_sign: bool
) -> Label | None:
    """Along the radius, from the rim inwards, and never upside down. Shortened if necessary, not
    to fewer than three characters."""
    inner = SIGN_INNER_RADIUS if has_sign else INNER_RADIUS
    room = max_text_width(start, end, inner)
    text = text if text_width(text) <= room else short_text
    legible_text = shorten(text, room)
    if not is_name(legible_text, text):
        return None
    middle_degrees = (start + end) * 180
    is_left = middle_degrees > 180
    return Label(
        legible_text,
        -OUTER_RADIUS if is_left else OUTER_RADIUS,
        0.0,
        middle_degrees + 90 if is_left else middle_degrees - 90,
        "start" if is_left else "end",
        radial_font_size(text_width(legible_text), start, end, inner),
        is_upright=False,
    )


def is_name(legible_text: str, text: str) -> bool:
    return legible_text == text or len(legible_text.strip("␣" + ELLIPSIS)) >= MIN_LETTERS


def radial_font_size(width: float, start: float, end: float, inner: float) -> float:
    """The largest font size at which a text, `width` em wide, fits between the radii, and at which
    its height is at most the chord at its inner end: LINE_HEIGHT * size <= 2 * slope * radius,
    where radius = OUTER_RADIUS - width * size."""
    slope = chord_slope(start, end)
    by_chord = 2 * slope * OUTER_RADIUS / (LINE_HEIGHT + 2 * slope * width)
    return min(MAX_FONT_SIZE, (OUTER_RADIUS - inner) / width, by_chord)


def max_text_width(start: float, end: float, inner: float) -> float:
    """The width in em at which `radial_font_size` is the smallest legible size. Negative for a
    sector that is too narrow for any text."""
    slope = chord_slope(start, end)
    by_chord = OUTER_RADIUS / MIN_FONT_SIZE - LINE_HEIGHT / (2 * slope)
    return min((OUTER_RADIUS - inner) / MIN_FONT_SIZE, by_chord)


def chord_slope(start: float, end: float) -> float:
    """Half of the chord at radius 1."""
    return math.tan(min(end - start, WIDEST_CHORD) * math.pi)


def is_another_text_turned(text: str) -> bool:
    """Whether the text without its spaces reads as another number upside down: 6, 66, 86, but not
    69 or 6a."""
    digits = text.replace("␣", "")
    turned = [TURNED_DIGITS.get(digit, "") for digit in reversed(digits)]
    return all(turned) and "".join(turned) != digits
