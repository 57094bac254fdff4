"""Curves of the branches of a tree."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.pages.drawing.branch_paths import branch_path, side_by_side, stroke_width

coordinates = st.integers(-10_000, 10_000).map(float)


def points(path):
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@given(coordinates, coordinates, coordinates, coordinates)
def test_a_curve_goes_from_one_point_to_the_other_level_at_both_ends(x1, y1, x2, y2):
    path = branch_path((x1, y1), (x2, y2))
    start, leaving, arriving, end = points(path)
    assert re.fullmatch(r"M[-\d. ]+C[-\d. ]+", path)
    assert (start, end) == ((x1, y1), (x2, y2))
    assert (leaving[1], arriving[1]) == (y1, y2)
    assert min(x1, x2) <= leaving[0] == arriving[0] <= max(x1, x2)


def test_a_branch_is_as_wide_as_its_share_of_the_members():
    assert stroke_width(30, 30, widest=24, narrowest=1) == 24
    assert stroke_width(10, 30, widest=24, narrowest=1) == 8


def test_a_branch_of_one_of_many_members_is_visible():
    assert stroke_width(1, 200, widest=24, narrowest=1) == 1


def test_a_class_without_members_has_a_visible_branch():
    assert stroke_width(0, 0, widest=24, narrowest=1) == 1


@given(st.lists(st.integers(1, 40), min_size=1))
def test_strokes_side_by_side_touch_and_are_centred(widths):
    middles = side_by_side(widths)
    for (upper, upper_width), (lower, lower_width) in pairwise(zip(middles, widths, strict=True)):
        assert upper + upper_width / 2 == pytest.approx(lower - lower_width / 2)
    assert middles[0] - widths[0] / 2 == pytest.approx(-sum(widths) / 2)
    assert middles[-1] + widths[-1] / 2 == pytest.approx(sum(widths) / 2)


def test_no_branches_have_no_places():
    assert side_by_side([]) == []
