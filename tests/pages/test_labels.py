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
    has_room_for_sign,
    is_another_text_turned,
    sector_label,
    sign_place,
)
from wheel.pages.drawing.text_width import shorten, text_width

TIP_OF_THE_POINTER = 89.5
SIGN_SIZE = 4.65  # with half of its line
PHONE_PIXELS_PER_UNIT = 328 / 212  # a wheel on a screen 360 px wide
TEXTS = ["a", "␣the", "␣internationalisation", "日本語" * 9, "😀" * 40, "mmmm", "6", "␣", "49,149"]
OF_OTHER = [("other tokens, 51.3 %",), ("other tokens", "51.3 %"), ("51.3 %",)]
CAPTIONS = [[()], [("3.2 %",)], OF_OTHER]

sectors = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).filter(lambda s: s[0] < s[1])
texts = st.sampled_from(TEXTS) | st.text(max_size=20)


def label_of(text, start, end, **options):
    label = sector_label(text, start, end, **options)
    assert label is not None
    return label


def box_of(label):
    """Left, top, right and bottom of the label, in its own coordinates."""
    width, height = text_width(label.text) * label.font_size, LINE_HEIGHT * label.font_size
    if label.is_upright:
        widths = [width, *(text_width(line) * CAPTION_FONT_SIZE for line in label.caption)]
        half = max(widths) / 2
        bottoms = [float(y) + CAPTION_FONT_SIZE / 2 for _, y in label.caption_places]
        rise, bottom = 0.2 * label.font_size, max(bottoms, default=0)
        return -half, -rise - height / 2, half, bottom
    if label.anchor == "start":
        return 0, -height / 2, width, height / 2
    return -width, -height / 2, 0, height / 2


def corners(label):
    """The corners of the label in the coordinates of the wheel."""
    left, top, right, bottom = box_of(label)
    for x, y in ((left, top), (left, bottom), (right, top), (right, bottom)):
        yield turned(label.x + x, label.y + y, label.rotation_degrees)


def turned(x, y, degrees):
    angle = math.radians(degrees)
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


@given(text=texts, sector=sectors, captions=st.sampled_from(CAPTIONS))
def test_every_label_is_inside_its_sector_so_that_no_two_overlap(text, sector, captions):
    start, end = sector
    label = sector_label(text, start, end, captions=captions)
    if label is None:
        return
    middle = (start + end) / 2
    for x, y in corners(label):
        away = (math.atan2(x, -y) / math.tau - middle + 0.5) % 1.0 - 0.5
        assert abs(away) <= (end - start) / 2 + 1e-6
        assert math.hypot(x, y) > HUB_RADIUS


@given(text=texts, sector=sectors)
def test_no_label_is_under_the_tip_of_the_pointer_when_the_wheel_stops_at_it(text, sector):
    label = sector_label(text, *sector)
    if label is None:
        return
    for x, y in corners(label):
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


def test_an_upright_label_takes_the_first_caption_that_fits():
    assert label_of("49,149", 0.3, 0.7, captions=OF_OTHER).caption == OF_OTHER[0]
    assert label_of("49,149", 0.4, 0.99, captions=OF_OTHER).caption == OF_OTHER[1]
    assert label_of("49,149", 0.7, 0.8, captions=OF_OTHER).caption == OF_OTHER[2]


def test_an_upright_label_is_in_the_middle_of_its_sector():
    label = label_of("mat", 0, 0.5)
    assert label.is_upright
    assert label.y == pytest.approx(0)
    assert label.font_size == 12


@pytest.mark.parametrize("end", [0.5, 0.03])
def test_a_label_with_a_caption_and_one_without_room_take_the_short_text(end):
    assert label_of("49,149 other tokens", 0, end, short_text="49,149").text == "49,149"


def test_a_radial_label_takes_the_long_text_if_it_fits():
    assert label_of("14 others", 0.2, 0.22, short_text="14").text == "14 others"


@given(text=texts, sector=sectors.filter(lambda sector: has_room_for_sign(*sector)))
def test_the_sign_that_a_segment_opens_is_inside_it_and_beside_its_label(text, sector):
    label = sector_label(text, *sector, captions=[("51.3 %",)], has_sign=True)
    x, y = sign_place(label, *sector)
    away = (math.atan2(x, -y) / math.tau - sum(sector) / 2 + 0.5) % 1.0 - 0.5
    room = (sector[1] - sector[0]) / 2 - abs(away)
    assert math.hypot(x, y) > HUB_RADIUS + SIGN_SIZE
    assert room >= 0.25 or math.hypot(x, y) * math.sin(room * math.tau) > SIGN_SIZE
    if label:
        x, y = turned(x, y, -label.rotation_degrees)
        left, top, right, bottom = box_of(label)
        dx = max(left - (x - label.x), x - label.x - right, 0)
        dy = max(top - (y - label.y), y - label.y - bottom, 0)
        assert math.hypot(dx, dy) > SIGN_SIZE


@pytest.mark.parametrize("text", ["6", "9", "␣6", "66", "99", "86", "680"])
def test_a_text_that_reads_as_another_upside_down_is_underlined(text):
    assert is_another_text_turned(text)
    assert label_of(text, 0, 0.5).is_underlined


@pytest.mark.parametrize("text", ["69", "8", "0", "6a", "mat", "␣", "sun", "16", "日"])
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
