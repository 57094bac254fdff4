"""Opened wheels: groups of ranks, opened again down to single tokens."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wheel.domain.distribution import Distribution
from wheel.domain.opened_wheel import (
    MAX_ALONE,
    MAX_GROUPS,
    MIN_SHARE_ALONE,
    OpenedWheel,
    open_towards,
)
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
def test_groups_are_adjacent_in_rank_and_fill_the_circle(shape):
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
def test_a_u_leads_through_the_groups_to_its_token(shape, share):
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
def test_at_most_eight_openings_reach_every_token(shape):
    _, other = other_of(LOGITS[shape])
    for rank in range(other.first_rank, other.end_rank, 211):
        assert len(list(open_towards(other, rank))) <= 8


def test_a_wheel_of_few_tokens_has_a_group_for_each():
    opened = OpenedWheel(Distribution.from_logits(LOGITS["power law"]), 100, 100 + MAX_GROUPS)
    assert all(group.is_token for group in opened.groups)


def test_wide_tokens_stand_alone_and_equal_narrow_ones_are_cut_into_twelve_groups():
    opened = OpenedWheel(Distribution.from_logits(np.zeros(14)), 0, 13)
    assert MAX_GROUPS == 12
    assert len(opened.groups) == 13  # each is wide enough to stand alone
    flat = OpenedWheel(Distribution.from_logits(LOGITS["all alike"]), 0, SIZE)
    assert [group.num_tokens for group in flat.groups] == [417, 417, 416] * 4


def test_tokens_of_at_least_five_degrees_stand_alone_up_to_twenty_four_of_them():
    assert MIN_SHARE_ALONE == 5 / 360
    assert MAX_ALONE == 24
    probs = np.array([0.3] + [5 / 360] * 2 + [4.9 / 360] * 20 + [0.0001] * 300)
    opened = OpenedWheel(Distribution.from_logits(np.log(probs)), 0, len(probs))
    total = probs.sum()
    num_wide = int((probs / total >= 5 / 360).sum())
    assert [group.is_token for group in opened.groups][:num_wide] == [True] * num_wide
    many = OpenedWheel(Distribution.from_logits(np.array([5.0] * 40 + [0.0] * 1000)), 0, 1040)
    groups = many.groups
    assert all(group.is_token for group in groups[:24])
    assert len(groups) <= 24 + 12
    assert sum(group.is_token for group in groups) < 40


CERTAIN = OpenedWheel(Distribution.from_logits(np.array([0.0] + [-50.0] * 20)), 0, 21)


def test_every_group_starts_below_one_also_behind_a_nearly_certain_token():
    assert all(group.start < 1 for group in CERTAIN.groups)


@pytest.mark.parametrize(("degrees", "is_alone"), [(5.01, True), (4.99, False)])
def test_a_token_of_at_least_five_degrees_stands_alone(degrees, is_alone):
    rest = np.full(200, (180 - degrees) / 200)
    probs = np.array([180.0, degrees, *rest]) / 360
    opened = OpenedWheel(Distribution.from_logits(np.log(probs)), 0, len(probs))
    assert opened.group_of(1).is_token == is_alone


def test_a_position_is_always_before_the_end_of_its_group():
    distribution = Distribution.from_logits(LOGITS["power law"])
    opened = OpenedWheel(distribution, 0, SIZE)
    for group in opened.groups:
        u = np.nextafter(distribution.cumulative[group.end_rank - 1], 0)
        assert group.start <= opened.position_of(u) < group.end


@pytest.mark.parametrize("first_rank", [0, 1, 7])
def test_positions_are_proportional_to_u_within_the_opened_range(first_rank):
    distribution = Distribution.from_logits(LOGITS["power law"])
    opened = OpenedWheel(distribution, first_rank, first_rank + 30)
    ends = distribution.cumulative
    begin = ends[first_rank - 1] if first_rank else 0.0
    end = ends[first_rank + 29]
    for share in (0.0, 0.25, 0.5, 0.9):
        position = opened.position_of(begin + share * (end - begin))
        assert position == pytest.approx(share, abs=1e-6)


@given(
    logits=st.lists(st.floats(-60, 20), min_size=2, max_size=400),
    u=st.floats(0, 1, exclude_max=True),
)
@example(logits=[0.0, 0.0, 4.5, 0.0, -32.0, 4.5], u=1 - 2**-52)  # an arc without width, at the end
@example(logits=[20.0, -20.0, -21.0, -60.0], u=1 - 2**-53)  # and others before it
def test_every_u_finds_its_token_in_every_wheel(logits, u):
    distribution = Distribution.from_logits(np.array(logits))
    everything = OpenedWheel(distribution, 0, distribution.num_possible)
    rank = distribution.rank_at(u)
    last = list(open_towards(everything, rank))[-1]
    group = last.group_of(rank)
    assert group.is_token
    assert group.first_rank == rank
    assert group.start <= last.position_of(u) <= group.end


def test_the_middle_of_a_tokens_arc_draws_that_token():
    wheel, _ = other_of(LOGITS["noise"])
    for rank in (0, 3, wheel.num_above + 10, 4000):
        token_id = int(wheel.distribution.ranked_token_ids[rank])
        start, end = wheel.arc_of(token_id)
        assert wheel.distribution.rank_at((start + end) / 2) == rank
