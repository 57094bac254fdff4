"""The filters compared with those of transformers and with vLLM's rule, ties included.

Both sum the probabilities from the smallest upwards and remove tokens as long as the sum is at most
1 - top_p. Differences that are asserted here are described in docs/decisions/0022.
"""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from tests.domain.strategies import rounded_logits
from wheel.domain.distribution import Distribution
from wheel.domain.sampling import ROUNDING, shape_distribution
from wheel.domain.wheel_settings import WheelSettings

AMBIGUOUS = 2 * ROUNDING
fractions = st.floats(0.001, 0.999)
sizes = st.integers(1, 60)


def kept_by_us(row, **settings):
    return set(
        np.flatnonzero(shape_distribution(row, WheelSettings(**settings)).log_probs > -np.inf)
    )


def kept_by_transformers(row, warper, precision=torch.float64):
    scores = warper(None, torch.from_numpy(row).to(precision)[None])[0]
    return set(torch.isfinite(scores).nonzero()[:, 0].tolist())


def kept_by_vllm(row, *, top_k=0, top_p=1.0, min_p=0.0, precision=torch.float64):
    """Min-p first, then top-k, then top-p; all tokens tied with the k-th stay."""
    logits = torch.tensor(row, dtype=precision)  # a copy
    shares = logits.softmax(-1)
    logits[shares < min_p * shares.max()] = -torch.inf
    if top_k:
        logits[logits < logits.topk(min(top_k, len(row))).values.min()] = -torch.inf
    if top_p < 1:
        ascending = logits.sort()
        is_removed = ascending.values.softmax(-1).cumsum(-1) <= 1 - top_p
        is_removed[-1] = False
        logits[ascending.indices[is_removed]] = -torch.inf
    return set(torch.isfinite(logits).nonzero()[:, 0].tolist())


def assume_no_exact_sum(row, top_p):
    sums = np.cumsum(Distribution.from_logits(row).ranked_probs)
    assume(np.abs(sums - top_p).min() > AMBIGUOUS * top_p * (1 - top_p))


def probs_of(row, kept):
    """The kept probabilities: which of equal tokens stay is not defined in the other samplers."""
    return sorted(row[token_id] for token_id in kept)


@given(rounded_logits, fractions)
def test_top_p_keeps_what_transformers_and_vllm_keep_unless_a_sum_is_exact(row, top_p):
    assume_no_exact_sum(row, top_p)
    ours = kept_by_us(row, top_p=top_p)
    assert probs_of(row, ours) == probs_of(row, kept_by_transformers(row, TopPLogitsWarper(top_p)))
    assert probs_of(row, ours) == probs_of(row, kept_by_vllm(row, top_p=top_p))


@given(rounded_logits, sizes)
def test_top_k_keeps_k_of_the_tokens_that_transformers_and_vllm_keep(row, top_k):
    """They keep all tokens that are tied with the k-th."""
    ours = kept_by_us(row, top_k=top_k)
    theirs = kept_by_transformers(row, TopKLogitsWarper(top_k))
    assert kept_by_vllm(row, top_k=top_k) == theirs
    assert ours <= theirs
    kth = np.sort(row)[-min(top_k, len(row))]
    assert len(theirs) - len(ours) == max(0, np.count_nonzero(row >= kth) - top_k)


@given(rounded_logits, fractions)
def test_min_p_keeps_what_transformers_and_vllm_keep_unless_a_ratio_is_exact(row, min_p):
    ratios = np.exp(row - row.max())
    assume(np.abs(ratios / min_p - 1).min() > AMBIGUOUS)
    ours = kept_by_us(row, min_p=min_p)
    assert ours == kept_by_transformers(row, MinPLogitsWarper(min_p))
    assert ours == kept_by_vllm(row, min_p=min_p)


@given(rounded_logits, sizes, fractions)
def test_top_k_and_top_p_together_keep_what_vllm_keeps_without_ties(row, top_k, top_p):
    assume(len(set(row.tolist())) == len(row))
    first = Distribution.from_logits(row).truncate(top_k)
    sums = np.cumsum(first.ranked_probs)
    assume(np.abs(sums - top_p).min() > AMBIGUOUS * top_p * (1 - top_p))
    assert kept_by_us(row, top_k=top_k, top_p=top_p) == kept_by_vllm(row, top_k=top_k, top_p=top_p)


def test_vllm_takes_the_share_of_top_p_after_min_p():
    row = np.log([0.5, 0.3, 0.2])
    assert kept_by_us(row, min_p=0.5, top_p=0.6) == {0, 1}
    assert kept_by_vllm(row, min_p=0.5, top_p=0.6) == {0}


def sizes_of_the_nucleus(row, top_p):
    """By us, and by the others in the float32 that they compute with."""
    return (
        len(kept_by_us(row, top_p=top_p)),
        len(kept_by_transformers(row, TopPLogitsWarper(top_p), torch.float32)),
        len(kept_by_vllm(row, top_p=top_p, precision=torch.float32)),
    )


@pytest.mark.parametrize("num_tokens", [4, 8, 64])
def test_all_end_the_nucleus_at_an_exact_sum_that_binary_fractions_can_express(num_tokens):
    row = np.zeros(num_tokens, np.float32)
    for number in range(1, num_tokens):
        assert sizes_of_the_nucleus(row, number / num_tokens) == (number,) * 3


def test_at_other_exact_sums_the_others_are_sometimes_one_token_off():
    misses = 0
    for num_tokens in range(2, 51):
        row = np.zeros(num_tokens, np.float32)
        for number in range(1, num_tokens):
            ours, transformers, vllm = sizes_of_the_nucleus(row, number / num_tokens)
            assert ours == number
            assert transformers == vllm
            assert abs(vllm - number) <= 1
            misses += vllm != number
    assert misses > 0
