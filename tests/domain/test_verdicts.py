"""Verdicts on counts, against scipy, brute force and simulated classes."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from wheel.domain.verdicts import (
    MAX_ERROR_PROB,
    TellingCounts,
    Verdict,
    is_telling,
    missed_prob,
    telling_counts,
    verdict_of,
)

SEED = 2024
probs = st.floats(1e-9, 1) | st.sampled_from([0.0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.999])
nums_compared = st.integers(1, 60)


@st.composite
def counts_of_draws(draw, max_draws=400):
    num_draws = draw(st.integers(0, max_draws))
    return draw(st.integers(0, num_draws)), num_draws


@given(counts_of_draws(), probs, nums_compared)
def test_a_count_with_a_verdict_is_significant_in_the_corrected_exact_test(
    case, prob, num_compared
):
    count, num_draws = case
    if verdict_of(count, num_draws, prob, num_compared):
        p_value = binomtest(count, num_draws, prob).pvalue
        assert p_value <= MAX_ERROR_PROB / num_compared * (1 + 1e-6)


@given(counts_of_draws(), probs, nums_compared)
def test_a_verdict_is_given_where_the_probability_of_the_count_is_small_enough(
    case, prob, num_compared
):
    count, num_draws = case
    bound = (num_draws + 1) * binom.pmf(count, num_draws, prob) * num_compared
    assume(bound != pytest.approx(MAX_ERROR_PROB))
    assert is_telling(count, num_draws, prob, num_compared) == (bound < MAX_ERROR_PROB)


@given(counts_of_draws(), probs, nums_compared)
def test_a_verdict_names_the_side_of_the_expected_count(case, prob, num_compared):
    count, num_draws = case
    verdict = verdict_of(count, num_draws, prob, num_compared)
    if verdict is Verdict.MORE:
        assert count > num_draws * prob
    if verdict is Verdict.LESS:
        assert count < num_draws * prob


@given(st.integers(0, 120), probs, nums_compared)
def test_the_telling_counts_are_those_that_get_a_verdict(num_draws, prob, num_compared):
    verdicts = [verdict_of(count, num_draws, prob, num_compared) for count in range(num_draws + 1)]
    less = [count for count, verdict in enumerate(verdicts) if verdict is Verdict.LESS]
    more = [count for count, verdict in enumerate(verdicts) if verdict is Verdict.MORE]
    assert telling_counts(num_draws, prob, num_compared) == TellingCounts(
        max(less, default=None), min(more, default=None)
    )
    assert less == list(range(len(less)))
    assert more == list(range(num_draws + 1 - len(more), num_draws + 1))


@given(counts_of_draws(), probs, nums_compared)
def test_more_segments_to_look_at_never_give_a_verdict_that_fewer_do_not(case, prob, num_compared):
    count, num_draws = case
    if is_telling(count, num_draws, prob, num_compared + 1):
        assert is_telling(count, num_draws, prob, num_compared)


@pytest.mark.parametrize("num_compared", [1, 20])
def test_no_draw_at_all_tells_nothing(num_compared):
    assert verdict_of(0, 0, 0.9, num_compared) is None
    assert telling_counts(0, 0.9, num_compared) == TellingCounts(None, None)


def test_thirty_draws_cannot_tell_that_a_narrow_segment_was_hit_too_rarely():
    assert telling_counts(30, 0.05, 20).largest_less is None


def test_an_impossible_count_always_gets_a_verdict():
    assert verdict_of(1, 30, 0.0, 20) is Verdict.MORE
    assert verdict_of(29, 30, 1.0, 20) is Verdict.LESS


def test_the_only_possible_count_gets_none():
    assert verdict_of(0, 10_000, 0.0, 20) is None
    assert verdict_of(10_000, 10_000, 1.0, 1) is None


@given(st.floats(0, 1), st.integers(0, 1000))
def test_all_draws_miss_a_segment_with_the_power_of_its_rest(prob, num_draws):
    assert missed_prob(prob, num_draws) == pytest.approx((1 - prob) ** num_draws, rel=1e-9)


def shares_of_watched_walls(probs, *, num_draws, num_walls):
    """The shares of simulated walls that give any verdict after the last draw, and after any."""
    num_compared = len(probs)
    tells = [
        np.array(
            [
                [
                    count <= num and is_telling(count, num, prob, num_compared)
                    for count in range(num_draws + 1)
                ]
                for num in range(num_draws + 1)
            ]
        )
        for prob in probs
    ]
    generator = np.random.default_rng(SEED)
    drawn = generator.choice(num_compared, size=(num_walls, num_draws), p=probs)
    after = np.arange(1, num_draws + 1)
    has_verdict = np.zeros((num_walls, num_draws), dtype=bool)
    for idx, told in enumerate(tells):
        has_verdict |= told[after, np.cumsum(drawn == idx, axis=1)]
    return has_verdict[:, -1].mean(), has_verdict.any(axis=1).mean()


@pytest.mark.parametrize(
    "probs",
    [
        [0.5, 0.5],
        [0.05] * 20,
        [0.4, 0.2, 0.1, 0.08, 0.05, 0.04, 0.03, 0.03, 0.02, 0.02, 0.01, 0.01, 0.01],
        [0.995, 0.005],
    ],
)
def test_at_most_one_wall_in_twenty_names_a_segment_wrongly_watched_draw_by_draw(probs):
    at_the_end, ever = shares_of_watched_walls(probs, num_draws=150, num_walls=4000)
    assert at_the_end <= ever <= MAX_ERROR_PROB


def test_a_segment_that_is_drawn_twice_as_often_as_it_should_is_named_in_most_walls():
    generator = np.random.default_rng(SEED)
    counts = generator.binomial(150, 0.4, size=1000)
    named = [verdict_of(int(count), 150, 0.2, 20) is Verdict.MORE for count in counts]
    assert np.mean(named) > 0.9
