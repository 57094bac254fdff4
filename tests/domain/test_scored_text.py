"""Surprisal of a text: bits, bits per character, perplexity."""

from math import exp, log, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.domain.scored_text import ScoredText, TokenScore

log_probs = st.lists(st.floats(-40, 0), max_size=30)


def text_of(log_probs, num_characters=10):
    scores = [TokenScore(n, value, 0, 0, 0.0) for n, value in enumerate(log_probs)]
    return ScoredText(7, scores, num_characters)


@given(log_probs)
def test_the_bits_are_those_of_the_probability_of_the_whole_text(values):
    assert text_of(values).total_bits == pytest.approx(-sum(values) / log(2), abs=1e-9)


@given(log_probs.filter(bool))
def test_perplexity_is_the_inverse_of_the_geometric_mean_probability(values):
    mean = sum(values) / len(values)
    assert text_of(values).perplexity == pytest.approx(exp(-mean), rel=1e-9)


@given(st.integers(2, 1000), st.integers(1, 20))
def test_the_perplexity_of_a_uniform_choice_is_the_number_of_choices(num_choices, num_tokens):
    text = text_of([-log(num_choices)] * num_tokens, num_characters=4)
    assert text.perplexity == pytest.approx(num_choices)
    assert text.bits_per_character == pytest.approx(num_tokens * log2(num_choices) / 4)


def test_a_text_of_one_token_has_no_figures():
    text = text_of([])
    assert text.total_bits == 0
    assert text.perplexity is text.bits_per_character is text.most_surprising is None


def test_the_most_surprising_token_is_the_first_of_the_least_probable():
    text = text_of([-1.0, -5.0, -2.0, -5.0])
    assert text.most_surprising is text.scores[1]


def test_a_certain_token_has_no_surprisal():
    assert TokenScore(0, 0.0, 0, 0, 0.0).surprisal_bits == 0
