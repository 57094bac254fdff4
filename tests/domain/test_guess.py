"""Guesses, and what other ways to guess would have cost."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.sessions import DRAWN, new_session
from wheel.domain.distribution import Distribution
from wheel.domain.guess import MAX_GUESSES, Guess, GuessingCosts
from wheel.errors import NoGuessesLeftError

rows = st.lists(st.floats(-9, 9, width=32), min_size=2, max_size=8)


def distribution(row):
    return Distribution.from_logits(np.array(row, np.float32))


@given(rows, st.data())
def test_a_guess_has_the_figures_of_its_token(row, data):
    raw = distribution(row)
    token_id = data.draw(st.integers(0, len(row) - 1))
    guess = Guess.on(raw, token_id, position=3)
    assert guess.position == 3
    assert 2**-guess.surprisal_bits == pytest.approx(raw.probs[token_id])
    assert guess.rank == list(raw.ranked_token_ids).index(token_id) + 1
    assert guess.is_favourite == (raw.ranked_token_ids[0] == token_id)


@given(st.lists(rows, min_size=1, max_size=4), st.data())
def test_no_guess_costs_less_than_the_favourite_and_no_entropy_more_than_no_idea(many, data):
    raw = [distribution(row) for row in many]
    guesses = [
        Guess.on(one, data.draw(st.integers(0, one.vocabulary_size - 1)), position=idx)
        for idx, one in enumerate(raw)
    ]
    costs = GuessingCosts.of(guesses, raw)
    assert costs.num_rounds == len(many)
    assert costs.guesses == pytest.approx(sum(guess.surprisal_bits for guess in guesses))
    assert costs.favourite <= costs.guesses + 1e-9
    assert costs.favourite <= costs.expected + 1e-9
    assert costs.expected <= costs.uniform + 1e-9
    assert costs.uniform == pytest.approx(sum(math.log2(len(row)) for row in many))


def test_ten_guesses_of_a_text_are_noted_and_no_more():
    session = new_session()
    for position in range(MAX_GUESSES):
        session = session.with_guess(Guess(position, 5, -1.0, 2)).with_token(DRAWN)
    assert [guess.position for guess in session.guesses] == list(range(10))
    with pytest.raises(NoGuessesLeftError):
        session.with_guess(Guess(10, 5, -1.0, 2))


def test_a_guess_is_forgotten_with_the_token_that_followed_it():
    session = new_session(prompt_token_ids=(1,))
    for position in range(3):
        session = session.with_guess(Guess(position, 5, -1.0, 2)).with_token(DRAWN)
    assert session.rewound_to(1).guesses == session.guesses[:1]
    assert session.without_last_token().with_token_redone().guesses == session.guesses[:2]
    assert session.with_prompt((2,)).guesses == ()
