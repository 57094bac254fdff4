"""Texts that grow token by token, against the distributions that they grow from."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import distribution_of, distributions
from wheel.domain.grown_text import GrownText, GrownToken

COIN = distribution_of(0.25, 0.75)


@given(distributions(), st.data())
def test_a_grown_token_has_the_figures_of_its_rank(distribution, data):
    rank = data.draw(st.integers(0, distribution.num_possible - 1))
    token = GrownToken.at_rank(distribution, rank)
    assert distribution.rank_of(token.token_id) == token.rank == rank
    assert token.prob == distribution.probs[token.token_id]
    assert token.entropy_bits == distribution.entropy_bits
    if token.prob > 1e-300:  # below it, a probability has lost digits that its logarithm has
        assert token.surprisal_bits == pytest.approx(-log2(token.prob), abs=1e-9)


def test_a_text_keeps_its_prompt_and_adds_tokens_in_order():
    text = GrownText((7, 8), ())
    for rank in (0, 1, 0):
        text = text.with_token(GrownToken.at_rank(COIN, rank))
    assert text.token_ids == (7, 8, 1, 0, 1)
    assert text.mean_surprisal_bits == pytest.approx((2 * -log2(0.75) + 2) / 3)


def test_a_text_without_added_tokens_has_no_surprise():
    assert GrownText((7,), ()).mean_surprisal_bits == 0.0


def test_a_loop_counts_from_the_first_added_token():
    text = GrownText((1, 1, 1), ())
    for rank in (1, 0, 0, 0):
        text = text.with_token(GrownToken.at_rank(COIN, rank))
    assert text.loop is not None
    assert (text.loop.start, text.loop.period) == (1, 1)
