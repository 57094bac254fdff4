import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from tests.domain.strategies import distribution_of, distributions, logits, temperatures
from wheel.domain.distribution import Distribution


@given(distributions())
def test_the_masses_sum_to_one(distribution):
    assert math.fsum(distribution.probs) == pytest.approx(1, abs=1e-9)
    assert (distribution.probs >= 0).all()


@given(distributions())
def test_the_ranking_is_descending_with_ties_by_token_id(distribution):
    probs = distribution.probs.tolist()
    expected = sorted(range(len(probs)), key=lambda token_id: (-probs[token_id], token_id))
    assert distribution.ranked_token_ids.tolist() == expected
    assert distribution.ranked_probs.tolist() == sorted(probs, reverse=True)


@given(distributions())
def test_ranks_are_the_ranking_read_backwards(distribution):
    for rank, token_id in enumerate(distribution.ranked_token_ids.tolist()):
        assert distribution.rank_of(token_id) == rank


@given(distributions(), st.data())
def test_the_ranking_is_the_same_however_little_of_it_is_asked_for(distribution, data):
    num_tokens = data.draw(st.integers(0, distribution.vocabulary_size))
    whole = Distribution(distribution.log_probs)
    first = whole.ranked_token_ids[:num_tokens], whole.cumulative[:num_tokens]
    assert distribution.first_token_ids(num_tokens).tolist() == first[0].tolist()
    assert distribution.first_arc_ends(num_tokens).tolist() == first[1].tolist()


@given(distributions(), st.floats(0, 1, exclude_max=True))
def test_a_point_of_the_circle_is_found_in_the_head_and_in_the_tail(distribution, u):
    inside = np.searchsorted(distribution.cumulative, u, side="right")
    assert Distribution(distribution.log_probs).rank_at(u) == inside
    for end in distribution.cumulative[distribution.cumulative < 1]:
        assert distribution.rank_at(end) == np.searchsorted(distribution.cumulative, end, "right")


@given(distributions())
def test_the_ends_of_the_arcs_never_go_back_and_close_the_circle_exactly(distribution):
    cumulative = distribution.cumulative
    assert (np.diff(cumulative) >= 0).all()
    assert cumulative[0] > 0
    assert cumulative[-1] == 1.0


@given(distributions())
def test_every_arc_is_as_long_as_its_token_is_probable(distribution):
    arcs = np.diff(distribution.cumulative, prepend=0.0)
    assert np.abs(arcs - distribution.ranked_probs).max() < 1e-9


@given(logits, temperatures)
def test_log_probabilities_are_scipys(row, temperature):
    distribution = Distribution.from_logits(row, temperature=temperature)
    expected = log_softmax(row.astype(np.float64) / temperature)
    assert distribution.log_probs == pytest.approx(expected, rel=1e-9, abs=1e-7)


@given(logits, st.integers(0, 7))
def test_logits_count_only_by_their_differences(row, shift):
    moved = Distribution.from_logits(row.astype(np.float64) + 1024 * shift)
    assert moved.probs == pytest.approx(Distribution.from_logits(row).probs, abs=1e-9)


@pytest.mark.parametrize("temperature", [0.001, 1.0, 100.0])
def test_equal_logits_give_equal_shares_in_the_order_of_the_ids(temperature):
    distribution = Distribution.from_logits(np.full(8, 1e4, np.float32), temperature=temperature)
    assert distribution.probs.tolist() == pytest.approx([1 / 8] * 8, abs=1e-12)
    assert distribution.ranked_token_ids.tolist() == list(range(8))


def test_one_huge_logit_takes_the_whole_circle():
    row = np.full(50_257, -1e4, np.float32)
    row[321] = 1e4
    distribution = Distribution.from_logits(row)
    assert distribution.probs[321] == 1
    assert distribution.cumulative[0] == 1
    assert distribution.entropy_bits == 0


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 0.001])
def test_the_lowest_temperatures_leave_the_likeliest_token_alone_and_warn_of_nothing(temperature):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        distribution = Distribution.from_logits(
            np.array([1, 3, 2], np.float32), temperature=temperature
        )
        assert distribution.probs.tolist() == [0, 1, 0]
        assert distribution.entropy_bits == 0


@pytest.mark.parametrize("num_bits", [0, 1, 4, 10])
def test_the_entropy_of_equal_shares_is_the_number_of_yes_no_questions(num_bits):
    distribution = Distribution.from_logits(np.zeros(2**num_bits, np.float32))
    assert distribution.entropy_bits == pytest.approx(num_bits, abs=1e-12)


def test_the_entropy_of_unequal_shares():
    assert distribution_of(0.5, 0.25, 0.125, 0.125).entropy_bits == pytest.approx(1.75, abs=1e-12)


@given(distributions())
def test_entropy_lies_between_certainty_and_equal_shares(distribution):
    assert 0 <= distribution.entropy_bits <= math.log2(distribution.vocabulary_size) + 1e-9
