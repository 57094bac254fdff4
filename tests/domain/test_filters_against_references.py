"""The filters compared with a slow reference written from their definitions, and transformers."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from tests.domain.strategies import logits, wheel_settings
from wheel.domain.sampling import ROUNDING, shape_distribution
from wheel.domain.wheel_settings import WheelSettings

NUDGES = (0.0, -ROUNDING, -1e-12, 1e-12)


def slow_probs(row, *, temperature, top_k, top_p, min_p):
    """Temperature, top-k, top-p, min-p and a last division, one token at a time."""
    highest = max(row)
    weights = [math.exp((logit - highest) / temperature) for logit in row]
    ranked = sorted(range(len(row)), key=lambda token_id: (-weights[token_id], token_id))
    left = ranked[:top_k] if top_k else ranked
    if top_p < 1:
        wanted = top_p * math.fsum(weights[token_id] for token_id in left)
        nucleus: list[int] = []
        while not nucleus or math.fsum(weights[token_id] for token_id in nucleus) < wanted:
            nucleus.append(left[len(nucleus)])
        left = nucleus
    left = [token_id for token_id in left if weights[token_id] >= min_p * weights[left[0]]]
    total = math.fsum(weights[token_id] for token_id in left)
    return [weights[i] / total if i in left else 0.0 for i in range(len(row))]


@given(logits, wheel_settings)
def test_all_filters_together_equal_the_slow_reference(row, settings):
    """A sum within a rounding error of a limit may fall on either side of it; so may the order of
    logits that are only a rounding error apart."""
    row = np.round(row, 6)
    actual = shape_distribution(row, settings).probs
    acceptable = [
        slow_probs(
            row.tolist(),
            temperature=settings.temperature,
            top_k=settings.top_k,
            top_p=settings.top_p * (1 + nudge_p * (1 - settings.top_p)),
            min_p=settings.min_p * (1 + nudge_min),
        )
        for nudge_p, nudge_min in itertools.product(NUDGES, NUDGES)
        if settings.min_p * (1 + nudge_min) <= 1
    ]
    assert any(np.allclose(actual, probs, rtol=0, atol=1e-9) for probs in acceptable)


def transformers_probs(row, settings):
    scores = torch.from_numpy(row.astype(np.float64))[None]  # (1, vocabulary_size)
    warpers = [TemperatureLogitsWarper(settings.temperature)]
    if settings.top_k:
        warpers.append(TopKLogitsWarper(settings.top_k))
    warpers += [TopPLogitsWarper(settings.top_p), MinPLogitsWarper(settings.min_p)]
    for warper in warpers:
        scores = warper(None, scores)
    return torch.softmax(scores, dim=-1)[0].numpy()


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("top_k", [0, 5, 200])
@pytest.mark.parametrize("top_p", [0.3, 0.9, 1.0])
@pytest.mark.parametrize("min_p", [0.0, 0.05, 0.5])
def test_all_filters_together_equal_those_of_transformers(temperature, top_k, top_p, min_p):
    settings = WheelSettings(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p)
    for seed in range(3):
        row = np.random.default_rng(seed).normal(scale=3, size=500).astype(np.float32)
        assert len(set(row.tolist())) == 500
        ours = shape_distribution(row, settings).probs
        assert ours == pytest.approx(transformers_probs(row, settings), abs=1e-9)
