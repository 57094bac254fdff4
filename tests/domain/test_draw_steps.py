"""Steps through a simulation, against counting them one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from wheel.domain.draw_steps import (
    MAX_CURVE_POINTS,
    curve_sizes,
    rounds_without,
    shares_so_far,
    step_sizes,
)

draws = st.lists(st.integers(0, 3), min_size=1, max_size=130)


@pytest.mark.parametrize(
    ("num_spins", "sizes"),
    [(1, [1]), (2, [1, 2]), (7, [1, 2, 5, 7]), (100, [1, 2, 5, 10, 20, 50, 100])],
)
def test_the_steps_are_round_numbers_up_to_all_spins(num_spins, sizes):
    assert step_sizes(num_spins) == sizes


@given(st.integers(1, 10_000))
def test_a_curve_begins_at_one_spin_ends_at_all_and_has_few_points(num_spins):
    sizes = curve_sizes(num_spins)
    assert (sizes[0], sizes[-1]) == (1, num_spins)
    assert sizes == sorted(set(sizes))
    assert len(sizes) <= MAX_CURVE_POINTS


@given(draws, st.integers(0, 3))
def test_a_share_so_far_is_the_count_of_the_first_spins(token_ids, token_id):
    sizes = step_sizes(len(token_ids))
    shares = shares_so_far(np.array(token_ids), token_id, sizes)
    for size, share in zip(sizes, shares, strict=True):
        count = token_ids[:size].count(token_id)
        interval = binomtest(count, size).proportion_ci(0.95, "wilson")
        assert (share.num_spins, share.count, share.share) == (size, count, count / size)
        assert (share.low, share.high) == pytest.approx((interval.low, interval.high))


@given(draws, st.integers(0, 3), st.integers(1, 40))
def test_rounds_without_a_token_are_those_that_do_not_contain_it(token_ids, token_id, round_len):
    whole = len(token_ids) // round_len
    rounds = [token_ids[idx * round_len : (idx + 1) * round_len] for idx in range(whole)]
    found = rounds_without(np.array(token_ids), token_id, round_len)
    assert found.num_rounds == whole
    assert found.num_without == sum(token_id not in spins for spins in rounds)
    assert found.share == (found.num_without / whole if whole else 0)
