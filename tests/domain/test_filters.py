import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import distribution_of, logits, temperatures, wheel_settings
from wheel.domain.distribution import Distribution
from wheel.domain.sampling import shape_distribution
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS, WheelSettings

fractions = st.floats(0, 1, exclude_min=True)


def kept(distribution):
    """The ids that a filter left in, also where their probability is too small for a float."""
    return set(np.flatnonzero(distribution.log_probs > -np.inf).tolist())


def likeliest(distribution, number):
    return set(distribution.ranked_token_ids[:number].tolist())


@given(logits)
def test_the_default_settings_show_what_the_model_believes(row):
    shaped = shape_distribution(row, NEUTRAL_SETTINGS)
    assert shaped.log_probs.tolist() == Distribution.from_logits(row).log_probs.tolist()


@given(logits, wheel_settings)
def test_a_filter_gives_nothing_to_a_removed_token_and_keeps_the_ratios_of_the_kept(row, settings):
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
    assert shares[:number].sum() >= top_p - 1e-9
    assert number == 1 or shares[: number - 1].sum() < top_p + 1e-9


@pytest.mark.parametrize(("top_p", "number"), [(1e-300, 1), (0.5, 1), (0.51, 2), (0.75, 2), (1, 4)])
def test_the_nucleus_ends_with_the_token_that_reaches_it(top_p, number):
    row = np.log2(np.array([8, 4, 2, 2]) / 16) * np.log(2)
    assert len(kept(shape_distribution(row, WheelSettings(top_p=top_p)))) == number


@given(logits, fractions)
def test_min_p_keeps_what_is_likely_enough_beside_the_top_token(row, min_p):
    before = Distribution.from_logits(row)
    after = shape_distribution(row, WheelSettings(min_p=min_p))
    limit = min_p * before.probs.max()
    assert kept(after) == set(np.flatnonzero(before.probs >= limit).tolist())


def test_min_p_of_one_keeps_all_tokens_that_are_as_likely_as_the_first():
    after = shape_distribution(np.array([1, 2, 2, 0], np.float32), WheelSettings(min_p=1))
    assert kept(after) == {1, 2}


def test_temperature_comes_before_the_filters():
    """At temperature 4 the tail is heavy enough for the nucleus to need it."""
    row = np.log([0.92, 0.05, 0.03])
    assert len(kept(shape_distribution(row, WheelSettings(top_p=0.9)))) == 1
    assert len(kept(shape_distribution(row, WheelSettings(top_p=0.9, temperature=4)))) == 3


def test_top_p_is_counted_on_what_top_k_left_over():
    row = np.log([0.4, 0.3, 0.2, 0.1])
    assert len(kept(shape_distribution(row, WheelSettings(top_p=0.55)))) == 2
    assert len(kept(shape_distribution(row, WheelSettings(top_p=0.55, top_k=2)))) == 1


@given(logits)
def test_keeping_as_many_as_there_are_changes_nothing(row):
    distribution = Distribution.from_logits(row)
    assert distribution.truncate(len(row)) is distribution


def test_a_kept_token_still_ranks_before_a_removed_one_of_the_same_id_order():
    after = distribution_of(0.1, 0.2, 0.3, 0.4).truncate(2)
    assert after.ranked_token_ids.tolist() == [3, 2, 0, 1]


def test_rounding_at_renormalisation_never_leaves_an_order_that_is_not_that_of_the_shares():
    """Logits a rounding error apart: equal shares become unequal, and unequal ones equal."""
    random = np.random.default_rng(0)
    for _ in range(2000):
        near_the_top = random.integers(0, 6, 2) * 2.0**-53
        row = np.concatenate([near_the_top, -random.exponential(1, 4)])
        after = Distribution.from_logits(row).truncate(3)
        by_share = sorted(range(6), key=lambda token_id: (-after.probs[token_id], token_id))
        assert after.ranked_token_ids.tolist() == by_share
