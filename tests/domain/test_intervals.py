"""The 95 % interval of a probability that was estimated by counting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from wheel.domain.intervals import wilson_interval


@st.composite
def counts_of_draws(draw, min_draws=1):
    num_draws = draw(st.integers(min_draws, 5000))
    return draw(st.integers(0, num_draws)), num_draws


@given(counts_of_draws())
def test_the_interval_is_that_of_scipy(case):
    count, num_draws = case
    reference = binomtest(count, num_draws).proportion_ci(0.95, method="wilson")
    assert wilson_interval(count, num_draws) == pytest.approx(tuple(reference), abs=1e-12)


@given(counts_of_draws())
def test_the_interval_holds_the_frequency_and_stays_between_zero_and_one(case):
    count, num_draws = case
    low, high = wilson_interval(count, num_draws)
    assert 0 <= low <= count / num_draws <= high <= 1
    assert low < high


@given(counts_of_draws())
def test_hits_and_misses_have_mirrored_intervals(case):
    count, num_draws = case
    low, high = wilson_interval(count, num_draws)
    mirrored = wilson_interval(num_draws - count, num_draws)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(st.integers(1, 5000))
def test_the_ends_are_exact_where_every_draw_or_none_was_a_hit(num_draws):
    low, high = wilson_interval(0, num_draws)
    assert low == 0
    assert high < 1
    low, high = wilson_interval(num_draws, num_draws)
    assert low > 0
    assert high == 1


@given(counts_of_draws())
def test_four_times_the_draws_give_about_half_the_width(case):
    count, num_draws = case
    low, high = wilson_interval(count, num_draws)
    narrow_low, narrow_high = wilson_interval(4 * count, 4 * num_draws)
    assert narrow_high - narrow_low < high - low


def test_without_draws_every_probability_is_possible():
    assert wilson_interval(0, 0) == (0, 1)


def test_an_example_that_can_be_checked_by_hand():
    """The published example of 20 hits in 400 draws: 3.26 % to 7.60 %."""
    assert wilson_interval(20, 400) == pytest.approx((0.0326, 0.0760), abs=5e-5)
