"""Comparison of two distributions, against brute force."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.domain.comparison import Comparison
from wheel.domain.distribution import Distribution

pairs = st.integers(2, 8).flatmap(
    lambda size: st.tuples(
        *(st.lists(st.floats(-9, 9, width=32), min_size=size, max_size=size) for _ in range(2))
    )
)


def comparison_of(pair):
    return Comparison(*(Distribution.from_logits(np.array(row, np.float32)) for row in pair))


@given(pairs)
def test_the_total_variation_is_the_largest_difference_of_any_set_of_tokens(pair):
    comparison = comparison_of(pair)
    before, after = comparison.before.probs, comparison.after.probs
    sets = chain.from_iterable(combinations(range(len(before)), n) for n in range(len(before) + 1))
    largest = max(abs(sum(after[i] - before[i] for i in chosen)) for chosen in sets)
    assert comparison.total_variation == pytest.approx(largest, abs=1e-12)


@given(pairs)
def test_the_total_variation_is_a_distance(pair):
    there = comparison_of(pair).total_variation
    assert 0 <= there <= 1
    assert comparison_of(pair[::-1]).total_variation == there
    assert comparison_of((pair[0], pair[0])).total_variation == 0


def test_distributions_without_a_common_token_are_one_apart():
    assert comparison_of(([1000, 0], [0, 1000])).total_variation == 1


@given(pairs, st.integers(1, 8))
def test_gains_and_losses_are_the_largest_changes(pair, num_tokens):
    comparison = comparison_of(pair)
    changes = comparison.after.probs - comparison.before.probs
    gained = comparison.gained(num_tokens)
    assert [token.change for token in gained] == sorted(changes[changes > 0])[::-1][:num_tokens]
    lost = comparison.lost(num_tokens)
    assert [token.change for token in lost] == sorted(changes[changes < 0])[:num_tokens]
    for token in gained + lost:
        assert token.prob_before == comparison.before.probs[token.token_id]
        assert token.prob_after == comparison.after.probs[token.token_id]
