"""Other opened as a wheel of its own, and again, down to single tokens"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wheel.domain.distribution import Distribution
from wheel.domain.opened_wheel import MAX_ALONE, MAX_GROUPS, OpenedWheel, open_towards
from wheel.domain.segments import Wheel

SIZE = 5000
RANDOM = np.random.default_rng(4)
LOGITS = {
    "noise": RANDOM.normal(0, 3, SIZE),
    "power law": -1.05 * np.log(np.arange(1, SIZE + 1)),
    "all alike": np.zeros(SIZE),
    "steep": -0.5 * np.arange(SIZE),
}
EVERY_SHAPE = pytest.mark.parametrize("shape", LOGITS)


def other_of(logits, threshold=0.01):
    wheel = Wheel(Distribution.from_logits(logits), threshold)
    return wheel, OpenedWheel(wheel.distribution, wheel.num_above, wheel.distribution.num_possible)


@EVERY_SHAPE
def test_the_groups_are_all_of_it_in_order_and_fill_the_circle(shape):
    _, other = other_of(LOGITS[shape])
    groups = other.groups
    assert groups[0].first_rank == other.first_rank
    assert groups[-1].end_rank == other.end_rank
    assert groups[0].start == 0
    assert groups[-1].end == 1
    for one, next_one in pairwise(groups):
        assert one.end_rank == next_one.first_rank
        assert one.end == next_one.start
    assert len(groups) <= MAX_ALONE + MAX_GROUPS


@EVERY_SHAPE
def test_arcs_keep_the_proportions_of_the_whole_wheel(shape):
    _, other = other_of(LOGITS[shape])
    for group in other.groups:
        prob = other.distribution.ranked_probs[group.first_rank : group.end_rank].sum()
        assert group.end - group.start == pytest.approx(prob / other.prob, abs=1e-9)


@EVERY_SHAPE
@pytest.mark.parametrize("share", [0.0, 1e-9, 0.1, 0.37, 0.5, 0.99, 1 - 1e-12])
def test_the_same_u_leads_to_its_one_token(shape, share):
    wheel, other = other_of(LOGITS[shape])
    u = wheel.other_start + share * (1 - wheel.other_start)
    rank = wheel.distribution.rank_at(u)
    way = list(open_towards(other, rank))
    for opened in way:
        group = opened.group_of(rank)
        assert group.start <= opened.position_of(u) < group.end
    assert way[-1].group_of(rank).is_token
    assert way[-1].group_of(rank).first_rank == rank


@pytest.mark.parametrize("shape", ["noise", "power law", "all alike"])
def test_a_few_openings_reach_even_the_last_token(shape):
    _, other = other_of(LOGITS[shape])
    for rank in range(other.first_rank, other.end_rank, 211):
        assert len(list(open_towards(other, rank))) <= 8


def test_a_wheel_of_few_tokens_shows_them_all():
    opened = OpenedWheel(Distribution.from_logits(LOGITS["power law"]), 100, 100 + MAX_GROUPS)
    assert all(group.is_token for group in opened.groups)


@given(
    logits=st.lists(st.floats(-60, 20), min_size=2, max_size=400),
    u=st.floats(0, 1, exclude_max=True),
)
@example(logits=[0.0, 0.0, 4.5, 0.0, -32.0, 4.5], u=1 - 2**-52)  # an arc without width, at the end
@example(logits=[20.0, -20.0, -21.0, -60.0], u=1 - 2**-53)  # and others before it
def test_any_u_finds_its_token_inside_any_wheel(logits, u):
    distribution = Distribution.from_logits(np.array(logits))
    everything = OpenedWheel(distribution, 0, distribution.num_possible)
    rank = distribution.rank_at(u)
    last = list(open_towards(everything, rank))[-1]
    group = last.group_of(rank)
    assert group.is_token
    assert group.first_rank == rank
    assert group.start <= last.position_of(u) <= group.end


def test_a_token_s_arc_is_where_spins_stop_at_it():
    wheel, _ = other_of(LOGITS["noise"])
    for rank in (0, 3, wheel.num_above + 10, 4000):
        token_id = int(wheel.distribution.ranked_token_ids[rank])
        start, end = wheel.arc_of(token_id)
        assert wheel.distribution.rank_at((start + end) / 2) == rank
