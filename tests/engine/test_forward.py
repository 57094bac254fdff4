"""The engine's numbers beside those of plain transformers, on the small checkpoint."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from tests.engine.fakes import BOUND_S
from wheel.engine.naive_engine import NaiveEngine


def plain_probs(model, token_ids):
    """(vocabulary_size,) after the last token, by the model's whole forward pass."""
    with torch.no_grad():
        logits = model(torch.tensor([token_ids])).logits[0, -1]
    return torch.softmax(logits.double(), dim=-1).numpy()


def engine_probs(engine, token_ids):
    logits = engine.next_logits("gpt2", token_ids).result(BOUND_S)
    return torch.softmax(torch.tensor(logits).double(), dim=-1).numpy()


@pytest.mark.parametrize("length", [1, 2, 7, 63, 64])
def test_probabilities_equal_those_of_plain_transformers(engine, catalog, length):
    vocabulary_size = catalog.tokenizer("gpt2").vocabulary_size
    token_ids = tuple((7 * position + length) % vocabulary_size for position in range(length))
    expected = plain_probs(catalog.weights("gpt2"), token_ids)
    assert engine_probs(engine, token_ids) == pytest.approx(expected, abs=1e-5)


def test_a_text_longer_than_the_context_window_fails_alone(engine):
    too_long, fine = engine.next_logits("gpt2", (1,) * 65), engine.next_logits("gpt2", (1,) * 64)
    assert too_long.exception(BOUND_S) is not None
    assert fine.exception(BOUND_S) is None


def test_twenty_threads_get_the_same_numbers_as_one(engine, catalog):
    contexts = [tuple(range(number, number + 5)) for number in range(20)]
    expected = [plain_probs(catalog.weights("gpt2"), token_ids) for token_ids in contexts]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda token_ids: engine_probs(engine, token_ids), contexts))
    for answer, probs in zip(answers, expected, strict=True):
        assert answer == pytest.approx(probs, abs=1e-5)


def test_an_engine_loads_the_weights_it_is_asked_for(catalog):
    asked = []

    def weights(model_id):
        asked.append(model_id)
        return catalog.weights(model_id)

    engine = NaiveEngine(weights)
    engine.next_logits("gpt2", (1, 2)).result(BOUND_S)
    engine.stop()
    assert asked == ["gpt2"]
