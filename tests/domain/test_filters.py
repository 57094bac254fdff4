"""The filters: which tokens each of them keeps, and their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import (
    distribution_of,
    logits,
    rounded_logits,
    temperatures,
    wheel_settings,
)
from wheel.domain.distribution import Distribution
from wheel.domain.sampling import ROUNDING, shape_distribution
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS, WheelSettings

fractions = st.floats(0, 1, exclude_min=True)


def kept(distribution):
    """The ids that a filter kept, even if their probability is too small for a float."""
    return set(np.flatnonzero(distribution.log_probs > -np.inf).tolist())


def likeliest(distribution, number):
    return set(distribution.ranked_token_ids[:number].tolist())


@given(logits)
def test_the_default_settings_show_the_models_own_distribution(row):
    shaped = shape_distribution(row, NEUTRAL_SETTINGS)
    assert shaped.log_probs.tolist() == Distribution.from_logits(row).log_probs.tolist()


@given(logits, wheel_settings)
def test_filters_remove_tokens_and_keep_the_ratios_of_the_others(row, settings):
    before = Distribution.from_logits(row, temperature=settings.temperature)
    after = shape_distribution(row, settings)
    survivors = np.flatnonzero(after.log_probs > -np.inf)
    removed = np.flatnonzero(after.log_probs == -np.inf)
    assert after.probs[removed].tolist() == [0] * len(removed)
    growth = after.log_probs[survivors] - before.log_probs[survivors]
    assert growth == pytest.approx(np.full(len(survivors), growth[0]), abs=1e-9)
    assert growth[0] >= -1e-12
    assert before.ranked_token_ids[0] in survivors


@given(logits, temperatures, st.integers(1, 70))
def test_top_k_keeps_exactly_k_tokens_and_breaks_ties_by_token_id(row, temperature, top_k):
    before = Distribution.from_logits(row, temperature=temperature)
    after = shape_distribution(row, WheelSettings(temperature=temperature, top_k=top_k))
    assert kept(after) == likeliest(before, min(top_k, len(row)))


def test_top_k_among_equals_takes_the_smallest_ids():
    after = shape_distribution(np.zeros(5, np.float32), WheelSettings(top_k=2))
    assert after.probs.tolist() == pytest.approx([0.5, 0.5, 0, 0, 0])


@given(logits, fractions)
def test_top_p_keeps_the_fewest_tokens_that_reach_it_and_at_least_one(row, top_p):
    before = Distribution.from_logits(row)
    number = len(kept(shape_distribution(row, WheelSettings(top_p=top_p))))
    shares = before.ranked_probs
    assert number >= 1
    assert shares[:number].sum() >= top_p - top_p * (1 - top_p) * ROUNDING - 1e-9
    assert number == 1 or shares[: number - 1].sum() < top_p + 1e-9


@pytest.mark.parametrize(("top_p", "number"), [(1e-300, 1), (0.5, 1), (0.51, 2), (0.75, 2), (1, 4)])
def test_the_nucleus_ends_with_the_token_that_reaches_it(top_p, number):
    row = np.log2(np.array([8, 4, 2, 2]) / 16) * np.log(2)
    assert len(kept(shape_distribution(row, WheelSettings(top_p=top_p)))) == number


@given(logits, fractions)
def test_min_p_keeps_tokens_of_at_least_that_fraction_of_the_top_probability(row, min_p):
    before = Distribution.from_logits(row)
    after = shape_distribution(row, WheelSettings(min_p=min_p))
    limit = min_p * (1 - ROUNDING) * before.probs.max()
    assert kept(after) == set(np.flatnonzero(before.probs >= limit).tolist())


def test_min_p_of_one_keeps_all_tokens_that_are_as_likely_as_the_first():
    after = shape_distribution(np.array([1, 2, 2, 0], np.float32), WheelSettings(min_p=1))
    assert kept(after) == {1, 2}


def test_temperature_is_applied_before_the_filters():
    """At temperature 4 the tail is heavy enough for the nucleus to need it."""
    row = np.log([0.92, 0.05, 0.03])
    assert len(kept(shape_distribution(row, WheelSettings(top_p=0.9)))) == 1
    assert len(kept(shape_distribution(row, WheelSettings(top_p=0.9, temperature=4)))) == 3


def test_top_p_is_a_share_of_the_tokens_that_top_k_kept():
    row = np.log([0.4, 0.3, 0.2, 0.1])
    assert len(kept(shape_distribution(row, WheelSettings(top_p=0.55)))) == 2
    assert len(kept(shape_distribution(row, WheelSettings(top_p=0.55, top_k=2)))) == 1


@given(logits)
def test_truncating_to_the_whole_vocabulary_changes_nothing(row):
    distribution = Distribution.from_logits(row)
    assert distribution.truncate(len(row)) is distribution


def test_kept_tokens_rank_before_removed_ones():
    after = distribution_of(0.1, 0.2, 0.3, 0.4).truncate(2)
    assert after.ranked_token_ids.tolist() == [3, 2, 1, 0]


@given(rounded_logits, wheel_settings)
def test_the_rank_of_a_removed_token_is_its_rank_in_the_models_own_distribution(row, settings):
    raw, shaped = Distribution.from_logits(row), shape_distribution(row, settings)
    for token_id in np.flatnonzero(shaped.probs == 0).tolist():
        assert shaped.rank_of(token_id) == raw.rank_of(token_id)


def test_after_renormalisation_the_ranking_is_that_of_the_rounded_probabilities():
    """Logits a rounding error apart: equal shares become unequal, and unequal ones equal."""
    random = np.random.default_rng(0)
    for _ in range(2000):
        near_the_top = random.integers(0, 6, 2) * 2.0**-53
        row = np.concatenate([near_the_top, -random.exponential(1, 4)])
        after = Distribution.from_logits(row).truncate(3)
        by_share = sorted(kept(after), key=lambda token_id: (-after.probs[token_id], token_id))
        assert after.ranked_token_ids[:3].tolist() == by_share
