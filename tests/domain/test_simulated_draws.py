"""Simulated draws: the same as single spins, counted, and true to the distribution."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chisquare

from wheel.domain.distribution import Distribution
from wheel.domain.segments import Wheel
from wheel.domain.simulated_draws import SimulatedDraws, prob_of_no_hit, seeded_us
from wheel.domain.spin import Spin

LOGITS = np.array([2.0, 1.5, 1.0, 0.0, -1.0, -2.0, -3.0, -5.0], dtype=np.float32)
COUNTS_OF_SEED_7 = [469, 275, 175, 46, 25, 7, 2, 1]
logits = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=40).map(
    lambda values: np.array(values, dtype=np.float32)
)
seeds = st.integers(0, 2**53 - 1)


def wheel_of(logits, threshold=0.05):
    return Wheel(Distribution.from_logits(logits), threshold)


@given(logits, seeds, st.integers(1, 200), st.floats(0, 1))
def test_the_counts_are_those_of_single_spins_with_the_same_generator(
    logits, seed, num_spins, threshold
):
    wheel = wheel_of(logits, threshold)
    draws = SimulatedDraws.from_wheel(wheel, num_spins, seed)
    generator = random.Random(f"{seed}")
    spins = [Spin.at(wheel, generator.random()) for _ in range(num_spins)]
    assert draws.token_ids.tolist() == [spin.token_id for spin in spins]
    by_segment = Counter(spin.segment_index for spin in spins)
    assert [s.count for s in draws.segments] == [
        by_segment[segment.segment_index] for segment in wheel.segments
    ]


@given(seeds, st.integers(1, 100), st.integers(0, 100))
def test_a_shorter_simulation_is_the_beginning_of_a_longer_one(seed, num_spins, num_more):
    shorter, longer = seeded_us(seed, num_spins), seeded_us(seed, num_spins + num_more)
    assert longer[:num_spins].tolist() == shorter.tolist()


def test_a_seed_gives_the_same_draws_on_every_machine_and_python():
    assert seeded_us(7, 3).tolist() == [0.7124376338974682, 0.8779104020178983, 0.9507485116206883]
    draws = SimulatedDraws.from_wheel(wheel_of(LOGITS), 1000, seed=7)
    assert [draws.counts[token_id] for token_id in range(len(LOGITS))] == COUNTS_OF_SEED_7


@given(logits, seeds, st.integers(1, 300))
def test_every_draw_is_in_one_segment_and_other_is_listed_by_token(logits, seed, num_spins):
    draws = SimulatedDraws.from_wheel(wheel_of(logits, 0.2), num_spins, seed)
    assert sum(segment.count for segment in draws.segments) == num_spins
    other = [segment.count for segment in draws.segments if segment.token_id is None]
    assert sum(count for _, count in draws.other_counts) == sum(other)
    assert all(count > 0 for _, count in draws.other_counts)
    keys = [(-count, token_id) for token_id, count in draws.other_counts]
    assert keys == sorted(keys)


def test_the_bounds_are_those_of_wilson():
    draws = SimulatedDraws.from_wheel(wheel_of(LOGITS), 1000, seed=3)
    for segment in draws.segments:
        expected = binomtest(segment.count, 1000).proportion_ci(0.95, "wilson")
        assert (segment.low, segment.high) == pytest.approx((expected.low, expected.high))


def test_the_counts_over_many_seeds_follow_the_distribution():
    """Each p-value is uniform if they do; 200 of them are compared with that in ten bins."""
    distribution = Distribution.from_logits(LOGITS)
    expected = distribution.probs * 2000
    p_values = []
    for seed in range(200):
        draws = SimulatedDraws.from_wheel(Wheel(distribution, 0.05), 2000, seed)
        observed = [draws.counts[token_id] for token_id in range(len(LOGITS))]
        p_values.append(chisquare(observed, expected).pvalue)
    bins, _ = np.histogram(p_values, bins=10, range=(0, 1))
    assert chisquare(bins).pvalue > 1e-4


@pytest.mark.parametrize(
    ("prob", "num_draws", "expected"), [(0.01, 30, 0.7397), (0, 9, 1), (1, 1, 0)]
)
def test_the_probability_of_no_hit(prob, num_draws, expected):
    assert prob_of_no_hit(prob, num_draws) == pytest.approx(expected, abs=1e-4)
