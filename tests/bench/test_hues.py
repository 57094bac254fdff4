"""The search for the best order of hues."""

import pytest

from bench.colour import EYES, themes
from bench.hues import best_smallest, distances, has_cycle, smallest_in_cycle, worst_distances
from wheel.pages.drawing.palette import HUE_ORDER, NUM_HUES

PLACES = (0, 1, 3, 6)
ON_A_LINE = {
    (one, other): float(abs(PLACES[one] - PLACES[other])) for one in range(4) for other in range(4)
}


def test_the_smallest_difference_includes_that_of_the_last_hue_and_the_first():
    assert smallest_in_cycle((0, 3, 2), ON_A_LINE) == 3
    assert smallest_in_cycle((0, 3, 1), ON_A_LINE) == 1


def test_every_pair_differs_as_much_in_both_directions():
    table = distances(themes()["light"], "normal")
    assert len(table) == NUM_HUES**2
    assert all(table[one, other] == pytest.approx(table[other, one]) for one, other in table)
    assert all(table[hue, hue] == 0 for hue in range(NUM_HUES))


def test_the_worst_difference_is_the_smallest_of_all_kinds_of_vision_and_themes():
    worst = worst_distances()
    tables = [distances(theme, eyes) for theme in themes().values() for eyes in EYES]
    assert worst[0, 1] == min(table[0, 1] for table in tables)


def test_no_order_is_better_than_the_best():
    worst = worst_distances()
    assert smallest_in_cycle(HUE_ORDER, worst) <= best_smallest(len(HUE_ORDER), worst)


@pytest.mark.parametrize(("limit", "exists"), [(1, True), (2, True), (2.5, False)])
def test_a_cycle_exists_up_to_the_best_order(limit, exists):
    """0, 3, 1, 6 has the differences 3, 2, 5 and 6; every other order has a smaller one."""
    assert has_cycle((0, 1, 2, 3), limit, ON_A_LINE) is exists


def test_the_best_of_two_hues_is_the_pair_with_the_largest_difference():
    worst = worst_distances()
    assert best_smallest(2, worst) == max(worst.values())
