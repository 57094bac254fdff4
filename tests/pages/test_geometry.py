"""Arcs, labels and hues, without a wheel."""

import math
import re
from itertools import pairwise

import pytest

from wheel.pages.drawing.geometry import (
    HUB_RADIUS,
    MIN_FONT_SIZE,
    RIM_RADIUS,
    arc_path,
    num_columns,
    point_at,
    ring_path,
    sector_label,
)
from wheel.pages.drawing.palette import hue_distance, hue_indices


def label_of(text, start, end, **options):
    label = sector_label(text, start, end, **options)
    assert label is not None
    return label


def points(path):
    """The points of a path that are not the centre: where arcs begin and end."""
    pairs = re.findall(r"(-?[\d.]+) (-?[\d.]+)(?=[AZ])", path)
    return [(float(x), float(y)) for x, y in pairs]


@pytest.mark.parametrize(
    ("turns", "point"), [(0, (0, -10)), (0.25, (10, 0)), (0.5, (0, 10)), (0.75, (-10, 0))]
)
def test_turns_go_clockwise_from_twelve_o_clock(turns, point):
    assert point_at(turns, 10) == pytest.approx(point)


def test_a_sector_goes_from_the_centre_along_the_rim_and_back():
    path = arc_path(0, 0.25)
    assert path.startswith("M0 0L0.000 -92.000A")
    assert path.endswith("Z")
    assert points(path)[-1] == (92, 0)


@pytest.mark.parametrize("share", [1.0, 0.999999, 0.5, 0.500001])
def test_a_large_segment_is_drawn_in_two_arcs_of_less_than_a_turn(share):
    first, middle, last = points(arc_path(0, share))
    for one, other in ((first, middle), (middle, last)):
        assert math.dist(one, other) > RIM_RADIUS


def test_a_whole_turn_has_no_line_to_the_centre():
    assert "0 0L" not in arc_path(0, 1)


def test_both_arcs_of_a_sector_run_clockwise_along_the_rim():
    assert re.findall(r"A92 92 0 (\d) (\d) ", arc_path(0.1, 0.9)) == [("0", "1"), ("0", "1")]


def test_an_arc_of_the_ring_has_its_own_radius_and_no_centre():
    assert ring_path(0, 0.25).startswith("M0.000 -96.900A96.9 96.9 0 0 1 ")
    assert ring_path(0.3, 0.3) == ""


@pytest.mark.parametrize(("middle", "anchor"), [(0.2, "end"), (0.7, "start")])
def test_a_radial_label_begins_or_ends_at_the_rim(middle, anchor):
    label = label_of("mat", middle - 0.02, middle + 0.02)
    assert (label.anchor, abs(label.x), label.y) == (anchor, RIM_RADIUS - 4, 0)
    assert label.font_size <= 9


def test_an_upright_label_is_in_the_middle_of_its_sector():
    label = label_of("mat", 0, 0.5)
    assert (label.x, label.y) == pytest.approx((60, 0))
    assert label.font_size <= 12


def test_a_segment_without_width_is_not_drawn():
    assert arc_path(0.3, 0.3) == ""
    assert arc_path(1, 1) == ""


def test_a_tiny_segment_is_drawn_without_a_fault():
    assert "nan" not in arc_path(0.5, 0.5 + 1e-12)


def test_labels_begin_at_ten_degrees():
    assert sector_label("mat", 0, 9.99 / 360) is None
    assert sector_label("mat", 0, 10 / 360) is not None


def test_a_token_without_text_has_no_label():
    assert sector_label("", 0, 1) is None


@pytest.mark.parametrize("middle_degrees", range(5, 360, 10))
def test_no_label_is_upside_down(middle_degrees):
    start, end = (middle_degrees - 5) / 360, (middle_degrees + 5) / 360
    label = label_of("mat", start, end + 1e-9)
    assert -90 <= (label.rotation_degrees + 180) % 360 - 180 <= 90


@pytest.mark.parametrize("text", ["a", "␣internationalisation", "日本語" * 9, "😀" * 40])
@pytest.mark.parametrize("share", [0.03, 0.1, 0.3, 1.0])
def test_every_label_fits_between_the_hub_and_the_rim(text, share):
    label = label_of(text, 0, share)
    width = num_columns(label.text) * 0.6 * label.font_size
    assert width <= RIM_RADIUS - HUB_RADIUS
    assert label.font_size >= MIN_FONT_SIZE


def test_a_wide_segment_takes_the_short_text():
    assert label_of("49,149 other tokens", 0, 0.5, short_text="49,149").text == "49,149"
    assert label_of("49,149 other tokens", 0, 0.1, short_text="49,149").text != "49,149"


@pytest.mark.parametrize("num_segments", range(2, 60))
def test_neighbours_are_far_apart_in_hue_the_last_and_the_first_too(num_segments):
    hues = hue_indices(num_segments, is_closed=True)
    for one, other in pairwise(hues):
        assert hue_distance(one, other) >= 3
    assert hue_distance(hues[-1], hues[0]) >= 3


def test_hues_of_no_and_of_one_segment():
    assert hue_indices(0, is_closed=True) == []
    assert len(hue_indices(1, is_closed=True)) == 1
