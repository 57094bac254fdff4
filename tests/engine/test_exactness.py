"""Exactness of the batching engine: every probability equals that of a plain forward pass to 1e-5,
in any sequence and mix of requests."""

import itertools

import numpy as np
import pytest
import torch
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bench.plain_models import load_plain, plain_logits, runner_of
from tests.checkpoints import CONTEXT_LENGTH, random_gpt2, random_llama
from wheel.engine.batching_engine import BatchingEngine, EngineLimits
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import SMOLLM2_135M
from wheel.language_models.runner_choice import MAKERS
from wheel.language_models.runners import load_runner

VOCABULARY_SIZE = 50
MODELS = {"gpt2": random_gpt2, "llama": random_llama}
RUNNERS = ["torch", "openvino"]

# Moves of students: a new text, one more token, undo, a branch.
token_ids = st.integers(0, VOCABULARY_SIZE - 1)
moves = st.one_of(
    st.tuples(st.just("prompt"), st.lists(token_ids, min_size=1, max_size=40)),
    st.tuples(st.just("append"), st.lists(token_ids, min_size=1, max_size=3)),
    st.tuples(st.just("undo"), st.integers(1, 5)),
    st.tuples(st.just("look ahead"), st.lists(token_ids, min_size=1, max_size=1)),
)
classes = st.lists(
    st.lists(st.tuples(st.integers(0, 3), moves), min_size=1, max_size=6), max_size=8
)
budgets = st.sampled_from([0, 30_000, 10**6])


@pytest.fixture(scope="module", params=itertools.product(MODELS, RUNNERS), ids="-".join)
def model_pair(request):
    """The same random weights twice: for a plain forward pass, and in a runner."""
    model_name, runner_name = request.param
    model = MODELS[model_name](VOCABULARY_SIZE)
    return model, runner_of(model, MAKERS[runner_name])


def probs(row):
    return torch.softmax(torch.tensor(row, dtype=torch.float64), dim=-1).numpy()


def moved(text, move):
    kind, value = move
    if kind == "prompt":
        return tuple(value)
    if kind == "undo":
        return text[: max(1, len(text) - value)]
    return (*text, *value)[:CONTEXT_LENGTH]


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds=classes, budget=budgets, row_budget=budgets, chunk_tokens=st.integers(1, 16))
def test_any_mix_of_requests_is_answered_exactly(
    model_pair, rounds, budget, row_budget, chunk_tokens
):
    plain, runner = model_pair
    engine = BatchingEngine(
        lambda _: runner,
        logits_cache=LogitsCache(row_budget),
        prefix_cache=PrefixCache(budget),
        look_ahead=LookAhead(num_children=2),
        limits=EngineLimits(chunk_tokens=chunk_tokens),
    )
    texts = [(1, 2, 3)] * 4
    for clicks in rounds:
        asked = []
        for student, move in clicks:
            if move[0] == "look ahead":
                engine.prefetch("m", moved(texts[student], move))
                continue
            texts[student] = moved(texts[student], move)
            asked.append((texts[student], engine.next_logits("m", texts[student])))
        for text, future in asked:
            expected = probs(plain_logits(plain, text))
            np.testing.assert_allclose(
                probs(future.result(timeout=60)), expected, atol=1e-5, rtol=0
            )
    engine.stop()
    engine.check_integrity()


@pytest.mark.slow
@pytest.mark.parametrize("runner_name", RUNNERS)
def test_the_real_weights_are_answered_exactly(runner_name):
    """Four texts side by side on SmolLM2: prompts, ten tokens each, an undo and another branch."""
    folder = locate_model(SMOLLM2_135M, settings.TRANSFORMERS_CACHE)
    plain, runner = load_plain(folder), load_runner(folder, runner_name)
    engine = BatchingEngine(
        lambda _: runner,
        logits_cache=LogitsCache(10**8),
        prefix_cache=PrefixCache(10**8),
        limits=EngineLimits(chunk_tokens=16),
    )
    generator = np.random.default_rng(0)
    texts = [tuple(generator.integers(20, 49152, size=size).tolist()) for size in (1, 5, 30, 90)]

    def check_all():
        futures = [engine.next_logits("m", text) for text in texts]
        for text, future in zip(texts, futures, strict=True):
            expected = probs(plain_logits(plain, text))
            np.testing.assert_allclose(
                probs(future.result(timeout=60)), expected, atol=1e-5, rtol=0
            )

    check_all()
    for _ in range(10):
        texts = [(*text, int(generator.integers(20, 49152))) for text in texts]
        check_all()
    texts = [(*text[:-3], 42) for text in texts]
    check_all()
    engine.stop()
    engine.check_integrity()
