"""Draws of many sessions on one wheel, counted by segment."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import distribution_of, uniforms, wheel_of, wheels
from wheel.domain.intervals import wilson_interval
from wheel.domain.pooled_draws import PooledDraws
from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin
from wheel.domain.verdicts import TellingCounts, Verdict, telling_counts, verdict_of


@st.composite
def wheels_and_spins(draw):
    wheel = draw(wheels())
    return wheel, [Spin.at(wheel, u) for u in draw(st.lists(uniforms, max_size=60))]


def pooled(wheel, spins, **options):
    return PooledDraws.on_wheel(wheel, [spin.token_id for spin in spins], **options)


@given(wheels_and_spins())
def test_each_draw_counts_in_the_segment_that_its_own_spin_hit(case):
    wheel, spins = case
    hits = Counter(spin.segment_index for spin in spins)
    result = pooled(wheel, spins)
    assert [segment.count for segment in result.segments] == [
        hits[segment.segment_index] for segment in wheel.segments
    ]
    assert result.num_draws == len(spins)


@given(wheels_and_spins())
def test_the_rows_are_the_segments_of_the_wheel_with_their_probabilities(case):
    wheel, spins = case
    rows = pooled(wheel, spins).segments
    assert [(row.segment_index, row.token_id) for row in rows] == [
        (segment.segment_index, segment.token_id) for segment in wheel.segments
    ]
    for row, segment in zip(rows, wheel.segments, strict=True):
        assert row.expected_prob == pytest.approx(segment.end - segment.start, abs=1e-9)


@given(wheels_and_spins())
def test_intervals_and_verdicts_are_those_of_each_count(case):
    wheel, spins = case
    result = pooled(wheel, spins)
    possible = [row for row in result.segments if row.expected_prob > 0]
    assert result.num_compared == len(possible)
    for row in result.segments:
        assert (row.low, row.high) == wilson_interval(row.count, len(spins))
        assert row.frequency == (row.count / len(spins) if spins else 0)
        assert row.verdict == verdict_of(row.count, len(spins), row.expected_prob, len(possible))
        assert result.telling_counts(row) == telling_counts(
            len(spins), row.expected_prob, len(possible)
        )


@given(wheels_and_spins())
def test_something_can_be_told_if_any_segment_has_a_telling_count(case):
    wheel, spins = case
    result = pooled(wheel, spins)
    told = [
        result.telling_counts(row) != TellingCounts(None, None)
        for row in result.segments
        if row.expected_prob > 0
    ]
    assert result.can_tell == any(told)


@given(wheels_and_spins())
def test_the_tokens_inside_other_sum_to_its_count(case):
    wheel, spins = case
    result = pooled(wheel, spins)
    above = {segment.token_id for segment in wheel.segments}
    inside = {token.token_id: token.count for token in result.inside_other}
    drawn = Counter(spin.token_id for spin in spins)
    assert inside == {token_id: count for token_id, count in drawn.items() if token_id not in above}
    if wheel.num_other:
        assert result.segments[-1].count == sum(inside.values())


@given(wheels_and_spins(), st.randoms(use_true_random=False))
def test_the_order_of_the_draws_does_not_matter(case, generator):
    wheel, spins = case
    shuffled = generator.sample(spins, len(spins))
    assert pooled(wheel, shuffled) == pooled(wheel, spins)


def test_tokens_inside_other_come_by_count_then_by_rank():
    wheel = wheel_of(0.9, 0.03, 0.04, 0.03, threshold=0.5)
    result = PooledDraws.on_wheel(wheel, [1, 2, 3, 3, 0])
    assert [(token.token_id, token.count) for token in result.inside_other] == [
        (3, 2),
        (2, 1),
        (1, 1),
    ]
    assert result.inside_other[1].expected_prob == pytest.approx(0.04)


def test_before_the_first_draw_nothing_is_known():
    result = PooledDraws.on_wheel(wheel_of(0.5, 0.3, 0.2), [])
    assert {(row.count, row.frequency, row.low, row.high) for row in result.segments} == {
        (0, 0, 0, 1)
    }
    assert not result.can_tell


def test_a_segment_that_takes_nearly_all_draws_is_named_and_so_is_the_one_it_took_them_from():
    result = PooledDraws.on_wheel(wheel_of(0.1, 0.8, 0.1), [0] * 30)
    # by rank: token 1, then 0 and 2
    assert [row.verdict for row in result.segments] == [Verdict.LESS, Verdict.MORE, None]


def test_draws_that_are_not_independent_prove_nothing():
    """With shared luck, thirty members draw the same token at once."""
    wheel = wheel_of(0.9, 0.1)
    result = PooledDraws.on_wheel(wheel, [1] * 30, are_independent=False)
    assert [(row.count, row.frequency) for row in result.segments] == [(0, 0), (30, 1)]
    assert {(row.low, row.high, row.verdict) for row in result.segments} == {(0, 1, None)}
    assert result.telling_counts(result.segments[0]) == TellingCounts(None, None)
    assert not result.can_tell
    assert PooledDraws.on_wheel(wheel, [1] * 30).can_tell


def test_tokens_that_a_filter_removed_are_not_compared():
    wheel = Wheel(distribution_of(0.4, 0.3, 0.2, 0.1).truncate(2), 0.0)
    assert PooledDraws.on_wheel(wheel, [0, 1]).num_compared == 2


def test_a_token_that_cannot_be_drawn_on_this_wheel_is_named():
    """A draw on a wheel with other settings, for example."""
    wheel = Wheel(distribution_of(0.4, 0.3, 0.2, 0.1).truncate(2), 0.0)
    result = PooledDraws.on_wheel(wheel, [0, 1, 3])
    assert [row.verdict for row in result.segments] == [None, None, None, Verdict.MORE]


def test_draws_from_a_wheel_with_a_large_vocabulary_are_counted():
    row = np.random.default_rng(1).normal(scale=3, size=50_257)
    wheel = Wheel(distribution_of(*(np.exp(row) / np.exp(row).sum())), 0.01)
    spins = [Spin.at(wheel, u) for u in np.random.default_rng(2).random(200)]
    result = pooled(wheel, spins)
    assert sum(row.count for row in result.segments) == 200
    assert sum(token.count for token in result.inside_other) == result.segments[-1].count > 0
