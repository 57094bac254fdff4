"""Segments of a wheel: which tokens have one, and where they lie on the circle."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given

from tests.domain.strategies import distribution_of, uniforms, wheel_of, wheels
from wheel.domain.segments import Wheel
from wheel.domain.spin import LARGEST_U, Spin


def slow_rank_at(wheel, u):
    """The first rank whose arc ends after u, by a linear search."""
    return next(rank for rank, end in enumerate(wheel.distribution.cumulative) if u < end)


def assert_the_drawn_token_is_right(wheel, u):
    spin = Spin.at(wheel, u)
    rank = slow_rank_at(wheel, u)
    segment = wheel.segments[spin.segment_index]
    assert spin.token_id == wheel.distribution.ranked_token_ids[rank]
    assert segment.start <= u < segment.end
    assert wheel.distribution.probs[spin.token_id] > 0
    if segment.token_id is None:
        assert rank >= wheel.num_above
        assert segment is wheel.segments[-1]
    else:
        assert segment.token_id == spin.token_id


@given(wheels())
def test_the_probabilities_above_the_threshold_and_of_other_sum_to_one(wheel):
    assert wheel.above_prob + wheel.other_prob == pytest.approx(1, abs=1e-9)
    assert wheel.num_above + wheel.num_other == wheel.distribution.vocabulary_size


@given(wheels())
def test_exactly_the_tokens_at_or_above_the_threshold_have_a_segment_of_their_own(wheel):
    own = [segment.token_id for segment in wheel.segments if segment.token_id is not None]
    probs = wheel.distribution.probs
    assert set(own) == set(np.flatnonzero(probs >= wheel.threshold).tolist())
    assert own == wheel.distribution.ranked_token_ids[: len(own)].tolist()


@given(wheels())
def test_segments_are_adjacent_and_fill_the_whole_circle(wheel):
    segments = wheel.segments
    assert segments[0].start == 0
    assert segments[-1].end == 1
    assert [segment.segment_index for segment in segments] == list(range(len(segments)))
    for left, right in itertools.pairwise(segments):
        assert left.end == right.start
        assert left.start <= left.end


@given(wheels())
def test_other_is_the_last_segment_while_it_holds_a_token(wheel):
    assert [segment.token_id for segment in wheel.segments].count(None) == (wheel.num_other > 0)
    assert (wheel.segments[-1].token_id is None) == (wheel.num_other > 0)


@given(wheels(), uniforms)
def test_the_segment_at_a_u_is_that_of_the_drawn_token(wheel, u):
    assert_the_drawn_token_is_right(wheel, u)


@given(wheels())
def test_the_drawn_token_is_right_at_and_next_to_every_border(wheel):
    borders = {0.0, LARGEST_U, *wheel.distribution.cumulative.tolist()}
    beside = {math.nextafter(border, toward) for border in borders for toward in (0.0, 1.0)}
    for u in borders | beside:
        if 0 <= u < 1:
            assert_the_drawn_token_is_right(wheel, u)


@given(wheels(), uniforms)
def test_degrees_are_turns_times_360(wheel, u):
    spin = Spin.at(wheel, u)
    segment = wheel.segments[spin.segment_index]
    assert segment.start_degrees == segment.start * 360
    assert segment.end_degrees == segment.end * 360
    assert spin.angle_degrees == u * 360
    assert segment.start_degrees <= spin.angle_degrees <= segment.end_degrees
    assert 0 <= spin.angle_degrees < 360


def test_a_segment_contains_its_start_and_not_its_end():
    wheel = wheel_of(0.5, 0.25, 0.25)
    assert [wheel.segment_index_at(u) for u in (0.0, 0.4999, 0.5, 0.7499, 0.75)] == [0, 0, 1, 1, 2]


def test_a_token_exactly_at_the_threshold_is_above_it():
    wheel = Wheel(distribution_of(0.5, 0.25, 0.25), 0.25)
    assert (wheel.num_above, wheel.num_other) == (3, 0)


def test_threshold_zero_gives_every_token_a_segment_also_those_that_were_filtered_out():
    wheel = Wheel(distribution_of(0.4, 0.3, 0.2, 0.1).truncate(2), 0.0)
    assert [segment.token_id for segment in wheel.segments] == [0, 1, 2, 3]
    assert wheel.other_prob == 0


def test_above_every_probability_the_whole_wheel_is_other():
    wheel = wheel_of(0.6, 0.4, threshold=0.7)
    assert [(s.token_id, s.start, s.end) for s in wheel.segments] == [(None, 0.0, 1.0)]
    assert Spin.at(wheel, 0.7).token_id == 1


def test_filtered_tokens_are_counted_in_other_and_have_no_width():
    wheel = Wheel(distribution_of(0.4, 0.3, 0.2, 0.1).truncate(2), 0.01)
    assert (wheel.num_above, wheel.num_other, wheel.other_prob) == (2, 2, 0)
    assert wheel.segments[-1].start == wheel.segments[-1].end == 1
    assert Spin.at(wheel, LARGEST_U).token_id == 1


def test_the_probability_of_a_very_small_other_keeps_its_digits():
    wheel = wheel_of(1 - 3e-14, 1e-14, 2e-14)
    assert wheel.other_prob == pytest.approx(3e-14, rel=1e-3)


def test_a_vocabulary_of_the_size_of_gpt2_can_have_a_segment_for_each_token():
    row = np.random.default_rng(1).normal(scale=3, size=50_257)
    wheel = Wheel(distribution_of(*(np.exp(row) / np.exp(row).sum())), 0.0)
    assert len(wheel.segments) == 50_257
    for u in np.random.default_rng(2).random(50):
        segment = wheel.segments[wheel.segment_index_at(u)]
        assert segment.start <= u < segment.end
