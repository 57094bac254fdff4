"""The counting model, against counting with dictionaries and exact fractions."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.domain.counted_text import CountedText
from wheel.domain.counting_model import ORDERS, CountingModel
from wheel.domain.distribution import Distribution

VOCABULARY_SIZE = 6
texts = st.lists(st.integers(0, VOCABULARY_SIZE - 1), min_size=1, max_size=60)
contexts = st.lists(st.integers(0, VOCABULARY_SIZE - 1), min_size=1, max_size=5).map(tuple)
orders = st.sampled_from(ORDERS)
HALF = Fraction(1, 2)


def model_of(text, order):
    return CountingModel(np.array(text), order=order, vocabulary_size=VOCABULARY_SIZE)


def count_by_hand(text, context):
    """How often each token follows the context."""
    length = len(context)
    ends = range(length, len(text))
    return Counter(text[end] for end in ends if tuple(text[end - length : end]) == context)


def probs_by_hand(text, context):
    """The formula of the module, as exact fractions."""
    counts = count_by_hand(text, context)
    total = sum(counts.values())
    if not context:
        return {token_id: Fraction(count, total) for token_id, count in counts.items()}
    lower = probs_by_hand(text, context[1:])
    if not total:
        return lower
    return {
        token_id: (max(counts[token_id] - HALF, 0) + HALF * len(counts) * prob) / total
        for token_id, prob in lower.items()
    }


@given(texts, contexts, orders)
def test_probabilities_equal_counting_by_hand(text, context, order):
    expected = probs_by_hand(text, context[1 - order :])
    probs = model_of(text, order).probs(context)
    for token_id in range(VOCABULARY_SIZE):
        assert probs[token_id] == pytest.approx(float(expected.get(token_id, 0)), abs=1e-12)


@given(texts, contexts, orders)
def test_probabilities_sum_to_one_and_only_tokens_of_the_text_have_one(text, context, order):
    probs = model_of(text, order).probs(context)
    assert probs.sum() == pytest.approx(1, abs=1e-12)
    assert set(np.flatnonzero(probs).tolist()) == set(text)


@given(texts, contexts, orders)
def test_the_wheel_of_the_logits_has_the_probabilities(text, context, order):
    model = model_of(text, order)
    logits = model.next_logits(context)
    assert logits.dtype == np.float32
    distribution = Distribution.from_logits(logits)
    assert distribution.probs == pytest.approx(model.probs(context), abs=1e-6)
    assert np.array_equal(np.isneginf(logits), model.probs(context) == 0)


@given(texts, contexts, orders)
def test_the_same_context_has_the_same_row_to_the_last_bit(text, context, order):
    one, other = model_of(text, order), model_of(text, order)
    assert one.next_logits(context).tobytes() == other.next_logits(context).tobytes()


@given(texts, contexts, contexts, orders)
def test_only_the_last_tokens_of_a_context_count(text, context, before, order):
    model = model_of(text, order)
    last = context[1 - order :]
    if len(last) == order - 1:
        assert np.array_equal(model.probs(before + context), model.probs(last))


@given(texts, contexts)
def test_followers_of_a_context_equal_counting_by_hand(text, context):
    followers = model_of(text, 3).followers(context)
    counts = count_by_hand(text, context)
    found = dict(zip(followers.token_ids.tolist(), followers.counts.tolist(), strict=True))
    assert found == counts
    assert followers.total == counts.total()
    assert all(followers.count_of(i) == counts[i] for i in range(VOCABULARY_SIZE))


@given(texts, orders)
def test_a_model_knows_how_much_it_has_counted(text, order):
    model = model_of(text, order)
    length = order - 1
    contexts = {tuple(text[i : i + length]) for i in range(len(text) - length)}
    assert (model.num_tokens, model.num_types) == (len(text), len(set(text)))
    assert model.num_contexts == len(contexts)


def test_a_context_that_was_never_seen_has_the_wheel_of_the_whole_text():
    model = model_of([0, 1, 0, 2], order=3)
    assert model.probs((5, 5)).tolist() == [0.5, 0.25, 0.25, 0, 0, 0]


def test_a_text_of_one_token_makes_it_certain():
    assert model_of([3], order=2).probs((3,)).tolist() == [0, 0, 0, 1, 0, 0]


def test_half_a_count_of_each_follower_goes_to_the_shorter_context():
    """After 0: 1 twice, 2 once. The whole text: 0 three times, 1 twice, 2 once."""
    probs = model_of([0, 1, 0, 1, 0, 2], order=2).probs((0,))
    left = 0.5 * 2 / 3
    assert probs.tolist() == pytest.approx(
        [left * 3 / 6, 1.5 / 3 + left * 2 / 6, 0.5 / 3 + left * 1 / 6, 0, 0, 0]
    )


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1), orders)
def test_a_packed_text_has_the_same_token_ids(token_ids, order):
    counted = CountedText.from_token_ids(
        token_ids, order=order, tokenizer_model_id="gpt2", vocabulary_size=2**32
    )
    assert counted.token_ids.tolist() == token_ids
    assert counted.model_id == f"counting-{order}"
