"""The colors of an exported wheel, in sRGB."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from wheel.pages.drawing.palette import (
    CHROMA,
    FIRST_HUE_DEGREES,
    LIGHTNESS,
    NUM_HUES,
    oklch_to_hex,
    segment_color,
)

INK = "#231d17"


def channels(color):
    return [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def luminance(color):
    """Source: WCAG 2.2, "relative luminance"."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("oklch", "color"),
    [
        ((1, 0, 0), "#ffffff"),
        ((0, 0, 0), "#000000"),
        ((0.62796, 0.25768, 29.234), "#ff0000"),
        ((0.86644, 0.29483, 142.495), "#00ff00"),
        ((0.45201, 0.31321, 264.052), "#0000ff"),
        ((0.51975, 0.17686, 142.495), "#008000"),
    ],
)
def test_known_colors_of_oklch_are_converted_to_srgb(oklch, color):
    """Those of the examples in W3C, "CSS Color Module Level 4", and of its reference code."""
    assert oklch_to_hex(*oklch) == color


def test_channels_outside_the_range_of_srgb_are_clipped():
    assert re.fullmatch("#[0-9a-f]{6}", oklch_to_hex(0.7, 0.4, 140))
    assert oklch_to_hex(1.2, 0, 0) == "#ffffff"


def test_the_twelve_colors_are_all_different_and_of_one_lightness():
    colors = [segment_color(hue) for hue in range(NUM_HUES)]
    assert len(set(colors)) == NUM_HUES
    luminances = [luminance(color) for color in colors]
    assert max(luminances) - min(luminances) < 0.05


@pytest.mark.parametrize("hue_index", range(NUM_HUES))
def test_no_channel_of_the_twelve_hues_is_clipped(hue_index):
    """A channel at its end would mean another lightness or hue than was asked for."""
    assert all(0 < channel < 1 for channel in channels(segment_color(hue_index)))


@pytest.mark.parametrize("hue_index", range(NUM_HUES))
def test_labels_stand_out_from_each_of_the_twelve_hues(hue_index):
    assert contrast(segment_color(hue_index), INK) >= 4.5


def test_the_colors_are_those_of_the_light_style_sheet():
    css = Path(settings.BASE_DIR, "static/css/tokens.css").read_text()
    light = css.partition("prefers-color-scheme: dark")[0]
    assert f"--segment-lightness: {LIGHTNESS};" in light
    assert f"--segment-chroma: {CHROMA};" in light
    assert f"--segment-ink: {INK};" in light
    hues = dict(re.findall(r"\.hue-(\d+) \{ --hue: (\d+); \}", css))
    assert hues == {str(i): f"{FIRST_HUE_DEGREES + 30 * i:g}" for i in range(NUM_HUES)}
