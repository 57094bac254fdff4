"""Labels of sectors: as large as the sector allows, entirely inside it, never under the pointer.

Lengths are in user units of the drawing, in which a wheel 360 px wide has 1.55 px a unit.
"""

import math
from dataclasses import dataclass, replace

from wheel.pages.drawing.geometry import HUB_RADIUS, point_at
from wheel.pages.drawing.text_width import ELLIPSIS, shorten, text_width

OUTER_RADIUS = 88.5  # the tip of the pointer ends outside it
INNER_RADIUS = HUB_RADIUS + 4.0
SIGN_RADIUS = 36.0  # of the sign on segments that open
SIGN_INNER_RADIUS = 42.0  # inner end of a label beside this sign
MIN_SIGN_DEGREES = 18.0

MIN_FONT_SIZE, MAX_FONT_SIZE = 5.8, 9.0  # 5.8 is 9 px on a phone 360 px wide
UPRIGHT_FONT_SIZES = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0)
LINE_HEIGHT = 0.95  # from ascender to descender, as a share of the font size
CAPTION_FONT_SIZE, CAPTION_BOTTOM = 5.0, 11.2
TEXT_RISE = 0.2  # of an upright text, to make room for its caption
MIN_WIDE_DEGREES = 60.0  # from here on a text is shortened rather than turned
MIN_LETTERS = 3  # of a shortened text
WIDEST_CHORD = 0.49  # turns; in wider sectors no chord limits a label

# Characters that read as others when turned by 180°.
TURNED = dict(zip("0689bdpqnuMWoxzsOXZSNHI", "0986qpdbunWMoxzsOXZSNHI", strict=True))


@dataclass(frozen=True, slots=True)
class Label:
    """A text on a segment, rotated about the centre by `rotation_degrees` and then moved to
    (x, y). An upright label is centred there and has a second line, the caption. `is_underlined`:
    the text would read as another one upside down."""

    text: str
    x: float
    y: float
    rotation_degrees: float
    anchor: str
    font_size: float
    is_upright: bool
    is_underlined: bool = False


def sector_label(
    text: str,
    start: float,
    end: float,
    *,
    caption: str = "",
    short_text: str | None = None,
    has_sign: bool = False,
) -> Label | None:
    """The largest label for a sector, or None if no legible one fits.

    An upright label takes `short_text`, if given, because its caption has the rest. `has_sign`: the
    inner end is kept free for a sign.
    """
    if not text or end <= start:
        return None
    inner = SIGN_INNER_RADIUS if has_sign else INNER_RADIUS
    labels = (
        upright_label(short_text or text, caption, start, end, inner),
        radial_label(text, start, end, inner),
    )
    label = max(filter(None, labels), key=lambda label: label.font_size, default=None)
    return replace(label, is_underlined=is_another_text_turned(label.text)) if label else None


def has_room_for_sign(start: float, end: float) -> bool:
    return (end - start) * 360 >= MIN_SIGN_DEGREES


def upright_label(text: str, caption: str, start: float, end: float, inner: float) -> Label | None:
    """Horizontal, in the middle of a wide sector."""
    middle, radius = (start + end) / 2, (inner + OUTER_RADIUS) / 2
    if (end - start) * 360 >= MIN_WIDE_DEGREES:
        text = shorten(text, (OUTER_RADIUS - inner) / UPRIGHT_FONT_SIZES[-1])
    x, y = point_at(middle, radius)
    for font_size in UPRIGHT_FONT_SIZES:
        half_width = max(text_width(text) * font_size, text_width(caption) * CAPTION_FONT_SIZE) / 2
        top = y - (TEXT_RISE + LINE_HEIGHT / 2) * font_size
        box = (x - half_width, top, x + half_width, y + CAPTION_BOTTOM)
        if is_box_inside(box, start, end, inner):
            return Label(text, x, y, 0.0, "middle", font_size, is_upright=True)
    return None


def is_box_inside(
    box: tuple[float, float, float, float], start: float, end: float, inner: float
) -> bool:
    """Whether a box (left, top, right, bottom) is in the sector, between the radii of labels."""
    left, top, right, bottom = box
    nearest = math.hypot(max(left, 0.0, -right), max(top, 0.0, -bottom))
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    return nearest >= inner and all(
        math.hypot(x, y) <= OUTER_RADIUS and start <= turns_of(x, y) <= end for x, y in corners
    )


def turns_of(x: float, y: float) -> float:
    """The angle of a point, clockwise from 12 o'clock, in [0, 1)."""
    return math.atan2(x, -y) / math.tau % 1.0


def radial_label(text: str, start: float, end: float, inner: float) -> Label | None:
    """Along the radius, from the rim inwards, and never upside down. Shortened if necessary, not
    to fewer than three characters."""
    legible_text = shorten(text, max_text_width(start, end, inner))
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
    """Whether the text without its spaces reads as another text upside down: 6, 66, 86, but not 69
    or 6a."""
    letters = text.replace("␣", "")
    turned = [TURNED.get(letter, "") for letter in reversed(letters)]
    return all(turned) and "".join(turned) != letters
