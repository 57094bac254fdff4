"""The surprise of a story, of the draws alone that are random samples."""

from dataclasses import replace
from math import log, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.sessions import DRAWN
from wheel.domain.story_surprise import StorySurprise


def a_draw(prob, **changes):
    return replace(DRAWN, prob=prob, log_prob=log(prob), **changes)


@given(st.lists(st.floats(1e-6, 1), max_size=12))
def test_the_bits_are_those_of_the_probability_of_all_draws(probs):
    surprise = StorySurprise([a_draw(prob) for prob in probs])
    assert surprise.prob == pytest.approx(prod(probs), rel=1e-9)
    assert surprise.num_left_out == 0


def test_the_expected_bits_are_the_entropies_of_the_wheels():
    history = [a_draw(0.5, entropy_bits=2.0), a_draw(0.9, entropy_bits=0.7)]
    assert StorySurprise(history).expected_bits == pytest.approx(2.7)


def test_what_is_no_random_sample_is_left_out():
    by_hand = a_draw(0.5, u=None, segment_index=None)
    repeated = a_draw(0.5, is_sample=False)
    surprise = StorySurprise([by_hand, a_draw(0.25, rank=1), repeated, a_draw(0.25, rank=2)])
    assert surprise.num_left_out == 2
    assert surprise.total_bits == pytest.approx(4)
    assert surprise.num_favourites == 1
