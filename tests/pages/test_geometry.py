"""Arcs, the lines between them, and hues, without a wheel."""

import math
import re
from itertools import pairwise

import pytest

from wheel.pages.drawing.geometry import (
    RIM_RADIUS,
    arc_path,
    point_at,
    ring_path,
    stroke_widths,
)
from wheel.pages.drawing.palette import hue_distance, hue_indices


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


def test_a_segment_without_width_is_not_drawn():
    assert arc_path(0.3, 0.3) == ""
    assert arc_path(1, 1) == ""


def test_a_tiny_segment_is_drawn_without_a_fault():
    assert "nan" not in arc_path(0.5, 0.5 + 1e-12)


NARROW_AND_WIDE = [0.2, *[0.001 / 100] * 100, 0.3, *[0.499 / 1000] * 1000]


@pytest.mark.parametrize("sweeps", [[1.0], [0.9999, 0.0001], [0.5, 0.3, 0.2], NARROW_AND_WIDE])
def test_lines_leave_most_of_every_sector_painted(sweeps):
    """A line half covers both of its sectors, whichever of them is painted last."""
    widths = stroke_widths(sweeps)
    for idx, sweep in enumerate(sweeps):
        before, own, after = (widths[(idx + step) % len(sweeps)] for step in (-1, 0, 1))
        covered = (max(before, own) / 2 + max(own, after) / 2) * RIM_RADIUS
        assert covered <= 0.121 * sweep * math.pi * RIM_RADIUS**2


def test_lines_between_wide_sectors_are_half_a_unit_wide():
    assert stroke_widths([0.5, 0.3, 0.2]) == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("num_segments", range(2, 60))
def test_neighbours_are_far_apart_in_hue_the_last_and_the_first_too(num_segments):
    hues = hue_indices(num_segments, is_closed=True)
    for one, other in pairwise(hues):
        assert hue_distance(one, other) >= 3
    assert hue_distance(hues[-1], hues[0]) >= 3


def test_hues_of_no_and_of_one_segment():
    assert hue_indices(0, is_closed=True) == []
    assert len(hue_indices(1, is_closed=True)) == 1
