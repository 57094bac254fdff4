"""A begin-of-sequence token before every text: engines with it compute what transformers does."""

import numpy as np
import pytest
import torch

from tests.checkpoints import random_gpt2, random_llama
from wheel.decoders.files import read_decoder
from wheel.engine.batching_engine import BatchingEngine, EngineLimits
from wheel.engine.bos_runner import BosRunner
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.naive_engine import full_forward
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.torch_runner import TorchRunner

BOS_ID = 7
TIMEOUT_S = 60


@pytest.fixture(params=[random_gpt2, random_llama])
def model(request):
    return request.param(50)


@pytest.fixture
def runner(model, tmp_path):
    model.save_pretrained(tmp_path)
    return BosRunner(TorchRunner(read_decoder(tmp_path)), BOS_ID)


@pytest.fixture
def engine(runner):
    engine = BatchingEngine(
        lambda _: runner,
        logits_cache=LogitsCache(0),
        prefix_cache=PrefixCache(10**6),
        limits=EngineLimits(chunk_tokens=8),
    )
    yield engine
    engine.stop()
    engine.check_integrity()


def log_probs(model, token_ids):
    """(tokens + 1, vocabulary_size): after the BOS, and after each token."""
    with torch.inference_mode():
        logits = model(torch.tensor([[BOS_ID, *token_ids]])).logits[0]
    return torch.log_softmax(logits.double(), -1).numpy()


def of_row(row):
    return torch.log_softmax(torch.tensor(row, dtype=torch.float64), -1).numpy()


def test_growing_branching_and_shortened_texts_are_computed_behind_the_token(model, engine):
    text = tuple(range(20, 50))
    texts = [text[:3], text[:4], text[:20], text[:19], text[:4] + text[10:30], text, (1,), text[:2]]
    for token_ids in texts:
        row = engine.next_logits("m", token_ids).result(TIMEOUT_S)
        expected = log_probs(model, token_ids)[-1]
        np.testing.assert_allclose(of_row(row), expected, atol=2e-5)


def test_texts_side_by_side_are_computed_behind_the_token(model, engine):
    texts = [tuple(range(start, start + 9)) for start in range(8)]
    futures = [engine.next_logits("m", text) for text in texts]
    for text, future in zip(texts, futures, strict=True):
        expected = log_probs(model, text)[-1]
        np.testing.assert_allclose(of_row(future.result(TIMEOUT_S)), expected, atol=2e-5)


def test_the_scores_of_a_text_are_those_behind_the_token(model, engine):
    text = tuple(range(20, 45))  # several chunks
    scores = engine.score("m", text).result(TIMEOUT_S)
    expected = log_probs(model, text)[1:-1]
    own = expected[np.arange(len(text) - 1), text[1:]]
    np.testing.assert_allclose(scores.log_probs, own, atol=2e-5)
    assert list(scores.expected_ids) == list(expected.argmax(-1))


def test_the_token_takes_one_position_of_the_context(model, runner):
    assert runner.context_length == 63
    longest = tuple(range(10, 50)) + tuple(range(23))
    expected = log_probs(model, longest)[-1]
    np.testing.assert_allclose(of_row(full_forward(runner, longest)), expected, atol=2e-5)
