"""Distributions: softmax, ranking, arcs and entropy."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from tests.domain.strategies import (
    distribution_of,
    distributions,
    logits,
    rounded_logits,
    temperatures,
    wheel_settings,
)
from wheel.domain.distribution import HEAD_PROB, NUM_FIRST, Distribution
from wheel.domain.sampling import shape_distribution


@given(distributions())
def test_the_probabilities_sum_to_one(distribution):
    assert math.fsum(distribution.probs) == pytest.approx(1, abs=1e-9)
    assert (distribution.probs >= 0).all()


@given(distributions())
def test_the_ranking_is_descending_with_ties_by_token_id(distribution):
    probs = distribution.probs.tolist()
    possible = [token_id for token_id, prob in enumerate(probs) if prob > 0]
    expected = sorted(possible, key=lambda token_id: (-probs[token_id], token_id))
    assert distribution.ranked_token_ids[: len(possible)].tolist() == expected
    assert distribution.ranked_probs.tolist() == sorted(probs, reverse=True)


@given(distributions())
def test_the_rank_of_a_token_is_its_index_in_the_ranking(distribution):
    for rank, token_id in enumerate(distribution.ranked_token_ids.tolist()):
        assert distribution.rank_of(token_id) == rank


@given(distributions(), st.data())
def test_a_beginning_of_the_ranking_equals_that_of_the_whole(distribution, data):
    num_tokens = data.draw(st.integers(0, distribution.vocabulary_size))
    whole = replace(distribution)
    first = whole.ranked_token_ids[:num_tokens], whole.cumulative[:num_tokens]
    assert distribution.first_token_ids(num_tokens).tolist() == first[0].tolist()
    assert distribution.first_arc_ends(num_tokens).tolist() == first[1].tolist()


@pytest.mark.parametrize("num_kept", [1, 3, 100, 600, 5000])
@pytest.mark.parametrize("num_values", [1, 7, 5000])
def test_the_first_tokens_of_a_large_vocabulary_need_no_whole_ranking(num_kept, num_values):
    row = np.random.default_rng(0).integers(num_values, size=5000).astype(np.float32) / num_values
    distribution = Distribution.from_logits(40 * row).truncate(num_kept)
    first = distribution.first_token_ids(NUM_FIRST)
    assert "ranked_token_ids" not in vars(distribution)
    assert first.tolist() == distribution.ranked_token_ids[:NUM_FIRST].tolist()


@given(distributions())
def test_tokens_that_cannot_be_drawn_follow_in_the_order_of_their_logits(distribution):
    impossible = distribution.ranked_token_ids[distribution.num_possible :]
    assert (distribution.probs[impossible] == 0).all()
    assert (np.diff(distribution.logits[impossible].astype(np.float64)) <= 1e-9).all()


@given(rounded_logits, wheel_settings)
def test_the_rank_of_a_removed_token_is_that_in_the_models_own_distribution(row, settings):
    raw, shaped = Distribution.from_logits(row), shape_distribution(row, settings)
    for token_id in np.flatnonzero(shaped.probs == 0).tolist():
        assert shaped.rank_of(token_id) == raw.rank_of(token_id)


@given(distributions(), st.floats(0, 1, exclude_max=True))
def test_the_rank_at_a_u_is_found_in_the_head_and_in_the_tail(distribution, u):
    inside = np.searchsorted(distribution.cumulative, u, side="right")
    assert replace(distribution).rank_at(u) == inside
    for end in distribution.cumulative[distribution.cumulative < 1]:
        assert distribution.rank_at(end) == np.searchsorted(distribution.cumulative, end, "right")


def test_the_whole_ranking_is_made_only_when_the_tail_is_asked_for():
    distribution = distribution_of(0.9, 0.1 - 3e-6, 2e-6, 1e-6)
    assert HEAD_PROB == 1e-5
    assert distribution.rank_at(0.95) == 1
    assert distribution.first_token_ids(2).tolist() == [0, 1]
    assert distribution.first_arc_ends(2).tolist() == pytest.approx([0.9, 1 - 3e-6])
    assert "ranked_token_ids" not in vars(distribution)
    assert distribution.rank_at(1 - 2e-6) == 2
    assert distribution.first_token_ids(3).tolist() == [0, 1, 2]
    assert "ranked_token_ids" in vars(distribution)


@given(distributions())
def test_arc_ends_are_non_decreasing_and_end_at_exactly_one(distribution):
    cumulative = distribution.cumulative
    assert (np.diff(cumulative) >= 0).all()
    assert cumulative[0] > 0
    assert cumulative[-1] == 1.0


def test_no_arc_ends_beyond_one_although_the_sum_of_the_probabilities_is_rounded():
    distribution = Distribution.from_logits(np.random.default_rng(1).normal(0, 30, 20))
    assert distribution.cumulative.max() == 1
    assert (np.diff(distribution.cumulative) >= 0).all()


@given(distributions())
def test_the_length_of_an_arc_is_the_probability_of_its_token(distribution):
    arcs = np.diff(distribution.cumulative, prepend=0.0)
    assert np.abs(arcs - distribution.ranked_probs).max() < 1e-9


@given(logits, temperatures)
def test_log_probabilities_equal_those_of_scipy(row, temperature):
    distribution = Distribution.from_logits(row, temperature=temperature)
    expected = log_softmax(row.astype(np.float64) / temperature)
    assert distribution.log_probs == pytest.approx(expected, rel=1e-9, abs=1e-7)


@given(logits, st.integers(0, 7))
def test_adding_a_constant_to_all_logits_changes_nothing(row, shift):
    moved = Distribution.from_logits(row.astype(np.float64) + 1024 * shift)
    assert moved.probs == pytest.approx(Distribution.from_logits(row).probs, abs=1e-9)


@pytest.mark.parametrize("temperature", [0.001, 1.0, 100.0])
def test_equal_logits_give_equal_probabilities_ranked_by_id(temperature):
    distribution = Distribution.from_logits(np.full(8, 1e4, np.float32), temperature=temperature)
    assert distribution.probs.tolist() == pytest.approx([1 / 8] * 8, abs=1e-12)
    assert distribution.ranked_token_ids.tolist() == list(range(8))


@given(distributions())
def test_a_probability_of_one_and_a_surprise_of_zero_are_certainty(distribution):
    is_certain = distribution.num_possible == 1
    assert (distribution.probs.max() == 1) == is_certain
    assert (distribution.log_probs.max() == 0) == is_certain
    assert (distribution.entropy_bits == 0) == is_certain


def test_a_token_that_rounding_would_make_certain_stays_uncertain():
    distribution = Distribution.from_logits(np.array([0.0, -60.0, -61.0], np.float32))
    for uncertain in (distribution, distribution.truncate(2)):
        assert uncertain.probs[0] == math.nextafter(1.0, 0.0)
        assert uncertain.cumulative.tolist() == [1.0, 1.0, 1.0]
    assert distribution.log_probs[0] == pytest.approx(-math.exp(-60) - math.exp(-61))
    assert distribution.truncate(1).probs[0] == 1


def test_one_huge_logit_has_the_whole_circle():
    row = np.full(50_257, -1e4, np.float32)
    row[321] = 1e4
    distribution = Distribution.from_logits(row)
    assert distribution.probs[321] == 1
    assert distribution.cumulative[0] == 1
    assert distribution.entropy_bits == 0


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 0.001])
def test_at_the_lowest_temperatures_the_likeliest_token_has_everything_without_a_warning(
    temperature,
):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        distribution = Distribution.from_logits(
            np.array([1, 3, 2], np.float32), temperature=temperature
        )
        assert distribution.probs.tolist() == [0, 1, 0]
        assert distribution.entropy_bits == 0


@pytest.mark.parametrize("num_bits", [0, 1, 4, 10])
def test_the_entropy_of_equal_probabilities_is_the_binary_logarithm_of_their_number(num_bits):
    distribution = Distribution.from_logits(np.zeros(2**num_bits, np.float32))
    assert distribution.entropy_bits == pytest.approx(num_bits, abs=1e-12)


def test_the_entropy_of_unequal_probabilities():
    assert distribution_of(0.5, 0.25, 0.125, 0.125).entropy_bits == pytest.approx(1.75, abs=1e-12)


@given(distributions())
def test_entropy_lies_between_zero_and_that_of_equal_probabilities(distribution):
    assert 0 <= distribution.entropy_bits <= math.log2(distribution.vocabulary_size) + 1e-9
