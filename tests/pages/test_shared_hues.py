"""Hues of two wheels side by side."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bench.hues import worst_distances
from wheel.pages.drawing.palette import HUE_ORDER
from wheel.pages.drawing.shared_hues import APART, shared_hues

wheels = st.lists(st.integers(0, 24), unique=True, max_size=20)
MIN_DISTANCE = 0.08


def neighbours(wheel, *, is_closed):
    pairs = list(pairwise(wheel))
    return [*pairs, (wheel[-1], wheel[0])] if is_closed and len(wheel) > 1 else pairs


@given(wheels, wheels, st.booleans(), st.booleans())
def test_every_token_has_one_hue_and_no_neighbour_has_the_same(first, second, one, other):
    hues = shared_hues(first, second, are_closed=(one, other))
    assert set(hues) == {*first, *second}
    assert set(hues.values()) <= set(HUE_ORDER)
    for wheel, is_closed in ((first, one), (second, other)):
        for here, there in neighbours(wheel, is_closed=is_closed):
            assert hues[here] != hues[there]


@given(wheels, st.booleans())
def test_the_neighbours_of_two_equal_wheels_look_different_to_every_eye(wheel, is_closed):
    hues = shared_hues(wheel, wheel, are_closed=(is_closed, is_closed))
    for here, there in neighbours(wheel, is_closed=is_closed):
        assert hues[there] in APART[hues[here]]


def test_most_neighbours_of_two_shuffled_wheels_look_different_to_every_eye():
    first, second = list(range(14)), [3, 0, 5, 1, 9, 2, 11, 4, 15, 6, 13, 8, 16, 7]
    hues = shared_hues(first, second, are_closed=(False, False))
    pairs = neighbours(first, is_closed=False) + neighbours(second, is_closed=False)
    clashes = [pair for pair in pairs if hues[pair[1]] not in APART[hues[pair[0]]]]
    assert len(clashes) <= 2


def test_the_table_is_that_of_the_measured_distances():
    worst = worst_distances()
    for hue in HUE_ORDER:
        measured = {other for other in HUE_ORDER if worst[hue, other] >= MIN_DISTANCE}
        assert APART[hue] == measured, hue
