"""Scores of ten texts on the real weights of SmolLM2, against plain transformers.

In float32, two orders of the same sums differ by up to 1e-5 in a probability. The logarithm of a
small one differs by more: plain transformers itself is up to 4.4e-5 away from the same forward pass
in float64, the engine up to 6.6e-5.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
import pytest
import torch
from django.conf import settings

from bench.plain_models import load_plain
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.prefix_cache import PrefixCache
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import SMOLLM2_135M

pytestmark = pytest.mark.slow

MODEL_ID = SMOLLM2_135M.model_id
CHUNK_TOKENS = 128
PROB_ROUNDING, LOG_PROB_ROUNDING = 2e-5, 1e-4
NUM_LONG = 1000
STORY = "The old wheel turned slowly, and each time it stopped on another word of the tale. "

TEXTS = {
    "a sentence": "The capital of France is Paris, and the capital of Italy is Rome.",
    "a made-up name": "The capital of France is Brambleford.",
    "emoji": "Happy birthday 🎂🎉, my dear 👩‍👩‍👧! 👍🏽",
    "Chinese": "人人生而自由，在尊严和权利上一律平等。",
    "Arabic": "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق.",
    "code": "def area(r):\n    return 3.14159 * r ** 2\n\nprint(area(2))\n",
    "random letters": "xq vjrk zpt wmgh ybd kfls nqo tuz rwcj ahe bgmx dpi",
    "repetition": "one two three " * 30,
    "two tokens": "It is",
    "1,000 tokens": STORY * 80,
}


@dataclass(frozen=True)
class PlainScores:
    """(positions,) each, in float64, of one plain forward pass. `num_above` and `num_not_below`
    bound the rank: how many tokens are likelier by more than the rounding, and how many are not
    less likely by more than it."""

    log_probs: torch.Tensor
    num_above: torch.Tensor
    num_not_below: torch.Tensor
    expected_log_probs: torch.Tensor
    expected_ids: torch.Tensor
    lead: torch.Tensor  # of the favourite over the next one


def token_ids_of(catalog, name):
    return catalog.tokenizer(MODEL_ID).encode(TEXTS[name])[:NUM_LONG]


def plain_scores(model, token_ids):
    with torch.no_grad():
        logits = model(torch.tensor([token_ids[:-1]])).logits[0].double()
    log_probs = torch.log_softmax(logits, dim=-1)
    own = log_probs.gather(1, torch.tensor(token_ids[1:])[:, None])
    best = log_probs.topk(2, dim=-1)
    return PlainScores(
        own[:, 0],
        (log_probs > own + LOG_PROB_ROUNDING).sum(dim=-1),
        (log_probs > own - LOG_PROB_ROUNDING).sum(dim=-1),
        best.values[:, 0],
        best.indices[:, 0],
        best.values[:, 0] - best.values[:, 1],
    )


@pytest.fixture(scope="module")
def catalog():
    return ModelCatalog([SMOLLM2_135M], settings.TRANSFORMERS_CACHE)


@pytest.fixture(scope="module")
def plain(catalog):
    model = load_plain(locate_model(SMOLLM2_135M, settings.TRANSFORMERS_CACHE))
    return {name: plain_scores(model, token_ids_of(catalog, name)) for name in TEXTS}


@pytest.fixture(scope="module")
def engine(catalog):
    engine = BatchingEngine(
        catalog.runner,
        logits_cache=LogitsCache(10**6),
        prefix_cache=PrefixCache(10**6),
    )
    engine.start()
    yield engine
    engine.stop()
    engine.check_integrity()


def num_passes(engine):
    return sum(engine.statistics().batch_counts)


@pytest.mark.parametrize("name", TEXTS)
def test_scores_equal_those_of_plain_transformers(engine, catalog, plain, name):
    token_ids, expected = token_ids_of(catalog, name), plain[name]
    num_before = num_passes(engine)
    scores = engine.score(MODEL_ID, token_ids).result(120)
    assert num_passes(engine) - num_before == ceil((len(token_ids) - 1) / CHUNK_TOKENS)
    for computed, plain_row in (
        (scores.log_probs, expected.log_probs.numpy()),
        (scores.expected_log_probs, expected.expected_log_probs.numpy()),
    ):
        assert np.exp(computed) == pytest.approx(np.exp(plain_row), abs=PROB_ROUNDING)
        assert computed == pytest.approx(plain_row, abs=LOG_PROB_ROUNDING)
    ranks = torch.tensor(scores.ranks)
    assert (expected.num_above <= ranks).all()
    assert (ranks < expected.num_not_below).all()
    is_clear = expected.lead > 2 * LOG_PROB_ROUNDING
    assert (torch.tensor(scores.expected_ids) == expected.expected_ids)[is_clear].all()
    assert is_clear.float().mean() > 0.95
