"""Limits of the filters and of the threshold that are reached exactly, up to a rounding error."""

import math

import numpy as np
import pytest

from tests.domain.strategies import distribution_of
from wheel.domain.distribution import Distribution
from wheel.domain.sampling import shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.wheel_settings import WheelSettings

# Probabilities, top_p, and the number of tokens that reach it exactly.
EXACT_SUMS = [
    ((0.3, 0.1, 0.1, 0.5), 0.8, 2),
    ((0.3, 0.1, 0.1, 0.5), 0.9, 3),
    ((0.3, 0.1, 0.1, 0.5), 0.5, 1),
    ((0.125,) * 8, 0.75, 6),
    ((0.1,) * 10, 0.7, 7),
    ((0.4, 0.3, 0.2, 0.1), 0.7, 2),
    ((0.7, 0.2, 0.06, 0.03, 0.01), 0.99, 4),
    ((0.05, 0.9, 0.05), 0.95, 2),
]
both_precisions = pytest.mark.parametrize("precision", [np.float32, np.float64])


def row_of(probs, precision=np.float32):
    """Logits of up to 16 as a model computes them: not exactly the logarithms."""
    return (np.log(np.array(probs)) - 11).astype(precision)


def num_kept(row, **settings):
    return shape_distribution(row, WheelSettings(**settings)).num_possible


@both_precisions
@pytest.mark.parametrize(("probs", "top_p", "number"), EXACT_SUMS)
def test_the_nucleus_ends_where_the_sum_is_exactly_top_p(probs, top_p, number, precision):
    assert num_kept(row_of(probs, precision), top_p=top_p) == number


@both_precisions
@pytest.mark.parametrize(("probs", "top_p", "number"), EXACT_SUMS)
def test_a_top_p_just_above_an_exact_sum_takes_one_token_more(probs, top_p, number, precision):
    assert num_kept(row_of(probs, precision), top_p=top_p + 1e-6) == number + 1


@pytest.mark.parametrize("num_tokens", [2, 3, 7, 10, 64, 1000])
def test_the_nucleus_of_equal_tokens_has_exactly_their_share_at_every_size(num_tokens):
    row = np.zeros(num_tokens, np.float32)
    for number in range(1, num_tokens):
        assert num_kept(row, top_p=number / num_tokens) == number


def test_equals_at_the_end_of_the_nucleus_stay_by_token_id():
    row = row_of((0.2, 0.2, 0.2, 0.2, 0.2))
    kept = shape_distribution(row, WheelSettings(top_p=0.4))
    assert np.flatnonzero(kept.probs).tolist() == [0, 1]


@pytest.mark.parametrize("top_p", [1e-9, 1e-7, 2e-5, 1 - 1e-7, 1 - 1e-9])
def test_the_tolerance_stays_far_below_one_token_at_extreme_values(top_p):
    """Near 0 and near 1 it shrinks with the share and with the rest."""
    num_tokens = 50_000
    expected = max(1, math.ceil(round(top_p * num_tokens, 3)))
    assert num_kept(np.zeros(num_tokens, np.float32), top_p=top_p) == expected


@both_precisions
@pytest.mark.parametrize(
    ("probs", "min_p", "number"),
    [
        ((0.5, 0.25, 0.2, 0.05), 0.5, 2),
        ((0.5, 0.25, 0.2, 0.05), 0.4, 3),
        ((0.5, 0.25, 0.2, 0.05), 0.1, 4),
        ((0.6, 0.3, 0.06, 0.04), 0.1, 3),
    ],
)
def test_min_p_keeps_a_token_of_exactly_that_fraction(probs, min_p, number, precision):
    row = row_of(probs, precision)
    assert num_kept(row, min_p=min_p) == number
    assert num_kept(row, min_p=min_p + 2e-6) == number - 1


def test_top_k_among_equals_at_its_end_keeps_exactly_k_by_token_id():
    row = row_of((0.1, 0.2, 0.2, 0.2, 0.3))
    kept = shape_distribution(row, WheelSettings(top_k=3))
    assert np.flatnonzero(kept.probs).tolist() == [1, 2, 4]


@pytest.mark.parametrize("num_tokens", [2, 3, 4, 5, 7, 10, 49, 50, 100, 1000])
def test_equal_tokens_reach_a_threshold_of_exactly_their_share(num_tokens):
    equal = Distribution.from_logits(np.full(num_tokens, -7, np.float32))
    assert Wheel(equal, 1 / num_tokens).num_above == num_tokens
    assert Wheel(equal, math.nextafter(1 / num_tokens, 1)).num_above == 0


@pytest.mark.parametrize("num_kept", [2, 3, 5, 10])
def test_equal_tokens_that_a_filter_kept_reach_a_threshold_of_exactly_their_share(num_kept):
    row = np.array([1.5] * num_kept + [0.0] * 20, np.float32)
    wheel = Wheel(shape_distribution(row, WheelSettings(top_k=num_kept)), 1 / num_kept)
    assert wheel.num_above == num_kept


def test_the_threshold_compares_the_probabilities_that_are_shown():
    distribution = distribution_of(0.3, 0.1, 0.1, 0.5)
    for num_above, prob in ((1, distribution.probs[3]), (2, distribution.probs[0])):
        assert Wheel(distribution, float(prob)).num_above == num_above
        assert Wheel(distribution, math.nextafter(prob, 1)).num_above == num_above - 1
