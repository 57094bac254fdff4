"""Labels of sectors, without a wheel: inside their sector, legible, never under the pointer."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.pages.drawing.geometry import HUB_RADIUS
from wheel.pages.drawing.labels import (
    CAPTION_FONT_SIZE,
    LINE_HEIGHT,
    OUTER_RADIUS,
    SIGN_RADIUS,
    is_another_text_turned,
    sector_label,
)
from wheel.pages.drawing.text_width import shorten, text_width

TIP_OF_THE_POINTER = 89.5
PHONE_PIXELS_PER_UNIT = 328 / 212  # a wheel on a screen 360 px wide
TEXTS = ["a", "␣the", "␣internationalisation", "日本語" * 9, "😀" * 40, "mmmm", "6", "␣", "49,149"]

sectors = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).filter(lambda s: s[0] < s[1])
texts = st.sampled_from(TEXTS) | st.text(max_size=20)


def label_of(text, start, end, **options):
    label = sector_label(text, start, end, **options)
    assert label is not None
    return label


def corners(label, caption):
    """The corners of the label's box in the coordinates of the wheel."""
    width, height = text_width(label.text) * label.font_size, LINE_HEIGHT * label.font_size
    if label.is_upright:
        half = max(width, text_width(caption) * CAPTION_FONT_SIZE) / 2
        rise, bottom = 0.2 * label.font_size, 8.5 + CAPTION_FONT_SIZE / 2
        box = [(x, y) for x in (-half, half) for y in (-rise - height / 2, bottom)]
    else:
        inwards = width if label.anchor == "start" else -width
        box = [(x, y) for x in (0, inwards) for y in (-height / 2, height / 2)]
    angle = math.radians(label.rotation_degrees)
    for dx, dy in box:
        x, y = label.x + dx, label.y + dy
        yield (
            x * math.cos(angle) - y * math.sin(angle),
            x * math.sin(angle) + y * math.cos(angle),
        )


@given(text=texts, sector=sectors, caption=st.sampled_from(["", "3.2 %", "other tokens, 51.3 %"]))
def test_every_label_is_inside_its_sector_so_that_no_two_overlap(text, sector, caption):
    start, end = sector
    label = sector_label(text, start, end, caption=caption)
    if label is None:
        return
    middle = (start + end) / 2
    for x, y in corners(label, caption):
        away = (math.atan2(x, -y) / math.tau - middle + 0.5) % 1.0 - 0.5
        assert abs(away) <= (end - start) / 2 + 1e-6
        assert math.hypot(x, y) > HUB_RADIUS


@given(text=texts, sector=sectors)
def test_no_label_is_under_the_tip_of_the_pointer_when_the_wheel_stops_at_it(text, sector):
    label = sector_label(text, *sector)
    if label is None:
        return
    for x, y in corners(label, ""):
        along = math.hypot(x, y) if label.is_upright else abs(label.x)
        assert along < TIP_OF_THE_POINTER


@given(text=texts, sector=sectors)
def test_every_label_is_legible_on_a_phone(text, sector):
    label = sector_label(text, *sector)
    assert label is None or label.font_size * PHONE_PIXELS_PER_UNIT > 8.95


@given(text=texts, sector=sectors)
def test_no_label_is_upside_down(text, sector):
    label = sector_label(text, *sector)
    assert label is None or -90 <= (label.rotation_degrees + 180) % 360 - 180 <= 90


@pytest.mark.parametrize("text", ["a", "␣of", "␣the", "12", "mat"])
@pytest.mark.parametrize("middle", [0.1, 0.4, 0.6, 0.9])
def test_a_sector_of_four_and_a_half_degrees_has_a_label(text, middle):
    half = 4.5 / 360 / 2
    assert label_of(text, middle - half, middle + half).text.startswith(text[:3])


def test_a_long_text_in_a_sector_of_five_degrees_is_shortened():
    assert label_of("␣another", 0.1, 0.1 + 5 / 360).text == "␣anot…"


def test_a_sector_of_three_degrees_has_none():
    assert sector_label("mat", 0, 3 / 360) is None


@pytest.mark.parametrize("text", ["", "␣internationalisation"])
def test_a_text_without_room_for_three_letters_and_no_text_have_no_label(text):
    assert sector_label(text, 0.1, 0.1 + 4 / 360) is None


def test_a_wider_sector_has_a_larger_label_until_the_largest():
    sizes = [label_of("␣mats", 0.1, 0.1 + degrees / 360).font_size for degrees in range(5, 60)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


@pytest.mark.parametrize(("middle", "anchor"), [(0.2, "end"), (0.7, "start")])
def test_a_radial_label_begins_or_ends_at_the_rim(middle, anchor):
    label = label_of("mat", middle - 0.02, middle + 0.02)
    assert (label.anchor, abs(label.x), label.y) == (anchor, OUTER_RADIUS, 0)


def test_an_upright_label_is_in_the_middle_of_its_sector():
    label = label_of("mat", 0, 0.5)
    assert label.is_upright
    assert label.y == pytest.approx(0)
    assert label.font_size == 12


def test_a_wide_segment_takes_the_short_text():
    assert label_of("49,149 other tokens", 0, 0.5, short_text="49,149").text == "49,149"
    assert label_of("49,149 other tokens", 0, 0.07, short_text="49,149").text != "49,149"


@given(text=texts, sector=sectors)
def test_beside_a_sign_the_inner_end_stays_free(text, sector):
    label = sector_label(text, *sector, has_sign=True)
    for x, y in corners(label, "") if label else []:
        assert math.hypot(x, y) > SIGN_RADIUS + 4.2


@pytest.mark.parametrize("text", ["6", "9", "␣6", "66", "99", "86", "680", "b", "up", "␣bp"])
def test_a_text_that_reads_as_another_upside_down_is_underlined(text):
    assert is_another_text_turned(text)
    assert label_of(text, 0, 0.5).is_underlined


@pytest.mark.parametrize("text", ["69", "8", "0", "6a", "mat", "␣", "oxo", "16", "日"])
def test_other_texts_are_not_underlined(text):
    assert not is_another_text_turned(text)


@given(text=st.text(max_size=30), max_width=st.floats(-5, 20))
def test_a_shortened_text_is_narrow_enough_and_says_so(text, max_width):
    short = shorten(text, max_width)
    if short == text:
        assert text_width(text) <= max_width or not text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])
        assert text_width(short) <= max(max_width, text_width("…")) + 1e-9


def test_a_shortened_text_keeps_as_much_as_fits():
    assert shorten("internationalisation", 5.0) == "interna…"
