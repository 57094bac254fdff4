"""The common vocabulary of two models, against comparisons of texts by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.domain.common_vocabulary import CommonVocabulary
from wheel.domain.comparison import Comparison, Probabilities
from wheel.domain.token import Token

texts = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6)


def tokens_of(texts, special=()):
    return [
        Token.from_bytes(idx, text.encode(), is_special=text in special)
        for idx, text in enumerate(texts)
    ]


def probs_of(texts, seed):
    shares = np.random.default_rng(seed).random(len(texts))
    return shares / shares.sum()


@given(texts, texts, st.integers(0, 99))
def test_the_distance_is_that_of_the_texts_whatever_their_ids(first, second, seed):
    vocabulary = CommonVocabulary.of(tokens_of(first), tokens_of(second))
    before, after = probs_of(first, seed), probs_of(second, seed + 1)
    comparison = Comparison(
        Probabilities(vocabulary.first_probs(before)),
        Probabilities(vocabulary.second_probs(after)),
    )

    def total(texts, probs, text):
        return sum(prob for one, prob in zip(texts, probs, strict=True) if one == text)

    changes = {
        text: total(second, after, text) - total(first, before, text) for text in {*first, *second}
    }
    expected = sum(map(abs, changes.values())) / 2
    assert comparison.total_variation == pytest.approx(expected, abs=1e-12)
    assert comparison.best_guess_prob == pytest.approx((1 + expected) / 2)
    for token in comparison.gained(9) + comparison.lost(9):
        text = vocabulary.tokens[token.token_id].token_text
        assert token.change == pytest.approx(changes[text], abs=1e-12)


def test_a_control_token_is_no_plain_text_of_the_same_letters():
    vocabulary = CommonVocabulary.of(tokens_of(["a", "end"], ["end"]), tokens_of(["end", "a"]))
    assert len(vocabulary.tokens) == 3
    assert vocabulary.first_entries.tolist() == [0, 1]
    assert vocabulary.second_entries.tolist() == [2, 0]
    assert vocabulary.is_in_both.tolist() == [1, 0, 0]


def test_the_entries_of_one_vocabulary_are_its_token_ids():
    vocabulary = CommonVocabulary.same(tokens_of("abc"))
    probs = np.array([0.5, 0.3, 0.2])
    assert vocabulary.first_probs(probs).tolist() == probs.tolist()
    assert vocabulary.second_probs(probs).tolist() == probs.tolist()
    assert vocabulary.is_in_both.tolist() == [1, 1, 1]
