"""Contrast of the hues for every kind of colour vision, in the colours of tokens.css."""

from itertools import pairwise

import numpy as np
import pytest

from bench.colour import (
    EYES,
    contrast,
    distance,
    from_hex,
    luminance,
    seen_by,
    themes,
)
from wheel.pages.drawing.palette import HUE_ORDER, NUM_HUES, hue_indices

MIN_DISTANCE = 0.08  # ΔE_OK: four times what is just noticeable
MIN_STEP = 0.04  # between two levels of surprise: twice what is just noticeable
MIN_CONTRAST = 4.5
THEMES = themes()
BOTH_THEMES = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())
ALL_EYES = pytest.mark.parametrize("eyes", EYES)


def neighbours(num_segments, *, is_closed):
    hues = hue_indices(num_segments, is_closed=is_closed)
    return {*pairwise(hues), *({(hues[-1], hues[0])} if is_closed else ())}


@BOTH_THEMES
@ALL_EYES
@pytest.mark.parametrize("is_closed", [True, False])
def test_neighbours_look_different_to_every_eye_however_many_there_are(theme, eyes, is_closed):
    for num_segments in range(2, 61):
        for one, other in neighbours(num_segments, is_closed=is_closed):
            seen = seen_by(eyes, theme.hues[one]), seen_by(eyes, theme.hues[other])
            assert distance(*seen) >= MIN_DISTANCE, (num_segments, one, other)


@pytest.mark.parametrize("is_closed", [True, False])
def test_every_segment_has_one_hue(is_closed):
    for num_segments in range(61):
        assert len(hue_indices(num_segments, is_closed=is_closed)) == num_segments


def test_the_order_has_no_hue_twice():
    assert len(set(HUE_ORDER)) == len(HUE_ORDER)
    assert set(HUE_ORDER) <= set(range(NUM_HUES))


@BOTH_THEMES
def test_every_hue_has_a_colour_that_screens_can_show(theme):
    assert len(theme.hues) == NUM_HUES
    for colour in theme.hues:
        assert np.all((colour >= 0) & (colour <= 1))


@BOTH_THEMES
def test_labels_can_be_read_on_every_hue(theme):
    for colour in theme.hues:
        assert contrast(colour, theme.segment_ink) >= MIN_CONTRAST


@BOTH_THEMES
def test_text_can_be_read_at_every_level_of_surprise(theme):
    for colour in theme.surprise:
        assert contrast(colour, theme.surprise_ink) >= MIN_CONTRAST


@BOTH_THEMES
@ALL_EYES
def test_levels_of_surprise_look_different_to_every_eye(theme, eyes):
    seen = [seen_by(eyes, colour) for colour in theme.surprise]
    for one, other in pairwise(seen):
        assert distance(one, other) >= MIN_STEP


@BOTH_THEMES
def test_levels_of_surprise_are_in_order_in_greyscale_too(theme):
    greys = [luminance(colour) for colour in theme.surprise]
    assert sorted(greys) in (greys, greys[::-1])
    for one, other in pairwise(greys):
        assert distance(np.full(3, one), np.full(3, other)) >= MIN_STEP


def test_contrast_and_colour_distance_agree_with_published_values():
    black, white, red = from_hex("#000000"), from_hex("#ffffff"), from_hex("#ff0000")
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(red, white) == pytest.approx(4.0, abs=0.005)
    assert distance(black, white) == pytest.approx(1, abs=1e-6)
    for eyes in EYES:
        assert seen_by(eyes, white) == pytest.approx(white, abs=1e-5)
