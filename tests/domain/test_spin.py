"""Spins: from a u to a token, seeded draws, and draws from Other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from tests.domain.strategies import distribution_of, uniforms, wheel_of, wheels, wheels_with_other
from wheel.domain.segments import Wheel
from wheel.domain.spin import LARGEST_U, Spin, draw_u, map_into_other
from wheel.errors import InvalidFieldsError, NoOtherTokensError

SEED = 2024


@given(wheels(), uniforms)
def test_a_token_of_probability_zero_is_never_drawn(wheel, u):
    assert wheel.distribution.probs[Spin.at(wheel, u).token_id] > 0


@pytest.mark.parametrize("u", [1.0, -1e-300, math.nan, math.inf, -math.inf, 2])
def test_a_u_off_the_circle_is_refused_by_name(u):
    with pytest.raises(InvalidFieldsError) as caught:
        Spin.at(wheel_of(0.5, 0.5), u)
    assert list(caught.value.errors) == ["u"]


def test_the_largest_u_is_the_largest_float_below_one():
    assert LARGEST_U < 1
    assert math.nextafter(LARGEST_U, 2) == 1
    assert Spin.at(wheel_of(0.5, 0.5), LARGEST_U).token_id == 1


def test_a_u_in_other_draws_one_of_its_tokens_by_rank():
    wheel = wheel_of(0.9, 0.04, 0.03, 0.03, threshold=0.5)
    drawn = [Spin.at(wheel, u) for u in (0.91, 0.95, 0.99)]
    assert [spin.token_id for spin in drawn] == [1, 2, 3]
    assert {spin.segment_index for spin in drawn} == {1}


@given(st.integers(), st.integers(0, 10_000))
def test_a_seeded_u_is_repeatable_and_on_the_circle(seed, draw_idx):
    u = draw_u(seed=seed, draw_idx=draw_idx)
    assert 0 <= u < 1
    assert u == draw_u(seed=seed, draw_idx=draw_idx)


def test_seeded_draws_differ_from_draw_to_draw_and_from_seed_to_seed():
    drawn = {draw_u(seed=seed, draw_idx=idx) for seed in range(10) for idx in range(100)}
    assert len(drawn) == 1000


def test_seeded_draws_are_the_same_in_every_version():
    """Receipts and lesson plans depend on these numbers."""
    assert draw_u(seed=1, draw_idx=0) == 0.7259748788500867
    assert draw_u(seed=42, draw_idx=7) == 0.9872433505289117


def test_draws_without_a_seed_differ_and_are_on_the_circle():
    drawn = {draw_u(seed=None, draw_idx=0) for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(0 <= u < 1 for u in drawn)


@given(wheels_with_other(), uniforms, uniforms)
def test_a_draw_from_other_is_mapped_linearly_onto_its_arc(wheel, u, later_u):
    if wheel.other_start == 1:  # Other is too narrow for even one float to lie in it
        assert wheel.other_prob < 1e-12
        return
    mapped = map_into_other(wheel, u)
    spin = Spin.at(wheel, mapped)
    assert wheel.other_start <= mapped < 1
    assert spin.segment_index == wheel.num_above
    assert wheel.segments[spin.segment_index].token_id is None
    assert mapped == pytest.approx(wheel.other_start + u * (1 - wheel.other_start))
    if u <= later_u:
        assert mapped <= map_into_other(wheel, later_u)


@given(wheels(), uniforms)
def test_mapping_into_an_other_that_is_the_whole_wheel_changes_nothing(wheel, u):
    everything = Wheel(wheel.distribution, threshold=2.0)
    assert map_into_other(everything, u) == u


@pytest.mark.parametrize(
    "wheel",
    [
        wheel_of(0.5, 0.5),
        wheel_of(0.5, 0.3, 0.2, threshold=0.0),
        Wheel(distribution_of(0.5, 0.3, 0.2).truncate(2), 0.01),
        Wheel(distribution_of(0.5, 0.3, 0.2).truncate(1), 1.0),
    ],
    ids=["nothing below", "threshold zero", "only filtered tokens", "one certain token"],
)
def test_an_other_of_probability_zero_cannot_be_drawn_from(wheel):
    with pytest.raises(NoOtherTokensError):
        map_into_other(wheel, 0.5)


def test_the_frequencies_of_twenty_thousand_spins_match_the_probabilities():
    probs = np.array([0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.03, 0.02, 0.01])
    wheel = Wheel(distribution_of(*probs), 0.05)
    token_ids = [Spin.at(wheel, draw_u(seed=SEED, draw_idx=idx)).token_id for idx in range(20_000)]
    counts = np.bincount(token_ids, minlength=len(probs))
    assert chisquare(counts, 20_000 * probs).pvalue > 0.01


def test_the_frequencies_of_draws_from_other_match_the_probabilities():
    probs = np.array([0.6, 0.2, 0.1, 0.06, 0.04])
    wheel = Wheel(distribution_of(*probs), 0.15)
    token_ids = [
        Spin.at(wheel, map_into_other(wheel, draw_u(seed=SEED, draw_idx=idx))).token_id
        for idx in range(5_000)
    ]
    counts = np.bincount(token_ids, minlength=len(probs))
    assert counts[:2].tolist() == [0, 0]
    assert chisquare(counts[2:], 5_000 * probs[2:] / 0.2).pvalue > 0.01


def test_thirty_spins_miss_a_token_of_one_percent_in_three_of_four_classes():
    """0.99 ** 30 = 0.74: what a class of thirty sees."""
    wheel = wheel_of(0.99, 0.01)
    num_classes = 2_000
    misses = sum(
        all(
            Spin.at(wheel, draw_u(seed=number, draw_idx=pupil)).token_id == 0 for pupil in range(30)
        )
        for number in range(num_classes)
    )
    assert math.isclose(0.99**30, 0.74, abs_tol=0.001)
    assert misses / num_classes == pytest.approx(0.74, abs=0.03)
