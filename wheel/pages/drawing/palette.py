"""Hues of the segments. The colours themselves are in static/css/tokens.css.

Hues are numbered in steps of 30° round the colour circle, all at one lightness, so that no
segment looks likelier than another. Their order here keeps neighbours apart for colour-blind eyes
too (docs/decisions/0011-colours-for-every-eye.md). Exported files get the light colours as sRGB.
"""

import math
from itertools import cycle, islice

NUM_HUES = 12
HUE_ORDER = (9, 5, 2, 8, 11, 3, 6, 1, 7, 0)
CLOSING_HUE = 1  # far from both the first and the second of the order
FIRST_HUE_DEGREES = 25.0
LIGHTNESS, CHROMA = 0.77, 0.1  # of the light palette


def hue_indices(num_segments: int, *, is_closed: bool) -> list[int]:
    """A hue in [0, 12) for each segment, far from its neighbour's.

    `is_closed`: the last segment touches the first, with no grey Other in between.
    """
    return closed_hues(num_segments) if is_closed else open_hues(num_segments)


def open_hues(num_segments: int) -> list[int]:
    """The order, repeated."""
    return list(islice(cycle(HUE_ORDER), num_segments))


def closed_hues(num_segments: int) -> list[int]:
    """The order for half of the circle, reversed for the other half. An odd number of segments ends
    with the closing hue."""
    first_half = open_hues(num_segments // 2 + 1)
    second_half = first_half[-2:0:-1]
    return [*first_half, *second_half, CLOSING_HUE][:num_segments]


def hue_distance(one: int, other: int) -> int:
    """In steps of 30°, the short way round the colour circle: 0 to 6."""
    difference = abs(one - other) % NUM_HUES
    return min(difference, NUM_HUES - difference)


def segment_color(hue_index: int) -> str:
    """The light color of a hue in [0, 12), as #rrggbb."""
    return oklch_to_hex(LIGHTNESS, CHROMA, FIRST_HUE_DEGREES + hue_index * 360 / NUM_HUES)


def oklch_to_hex(lightness: float, chroma: float, hue_degrees: float) -> str:
    """A color of OKLCH in sRGB; channels outside the range of sRGB are clipped.

    lightness in [0, 1], chroma from 0 to about 0.37.
    Source: Björn Ottosson, "A perceptual color space for image processing", 2020.
    """
    hue = math.radians(hue_degrees)
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return "#" + "".join(f"{srgb_channel(linear):02x}" for linear in (red, green, blue))


def srgb_channel(linear: float) -> int:
    """A linear channel in [0, 1] as an sRGB byte, 0 to 255.

    Source: IEC 61966-2-1.
    """
    linear = min(max(linear, 0.0), 1.0)
    gamma = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(gamma * 255)
