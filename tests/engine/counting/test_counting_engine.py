"""Behaviour of the counting engine alone."""

import threading

import numpy as np
import pytest

from wheel.domain.counting_model import CountingModel
from wheel.engine.counting_engine import CountingEngine
from wheel.errors import ModelUnavailableError

VOCABULARY_SIZE = 5


def engine_of(**texts):
    """An engine with a bigram model of each text, by name."""
    models = {
        name: CountingModel(np.array(text), order=2, vocabulary_size=VOCABULARY_SIZE)
        for name, text in texts.items()
    }

    def find(model_id):
        if model_id not in models:
            raise ModelUnavailableError("It is not here.")
        return models[model_id]

    return CountingEngine(find, context_length=64)


def test_a_token_that_is_not_in_the_text_has_the_logit_minus_infinity():
    row = engine_of(m=[0, 1, 0, 1]).next_logits("m", (0,)).result(0)
    assert np.isneginf(row).tolist() == [False, False, True, True, True]


def test_a_text_with_a_token_that_was_never_seen_is_infinitely_surprising_there_only():
    scores = engine_of(m=[0, 1, 0, 1]).score("m", (0, 1, 4, 0)).result(0)
    assert np.isneginf(scores.log_probs).tolist() == [False, True, False]
    assert scores.ranks[1] == 4
    assert scores.expected_ids.tolist() == [1, 0, 0]


def test_each_model_of_an_engine_answers_for_itself():
    engine = engine_of(one=[0, 1, 0, 1], other=[2, 3, 2, 3])
    one, other = (engine.next_logits(name, (0,)).result(0) for name in ("one", "other"))
    assert np.isfinite(one).nonzero()[0].tolist() == [0, 1]
    assert np.isfinite(other).nonzero()[0].tolist() == [2, 3]


def test_an_answer_is_there_at_once_without_any_thread():
    before = threading.active_count()
    engine = engine_of(m=[0, 1])
    engine.start()
    assert engine.next_logits("m", (0,)).done()
    engine.stop()
    assert engine.is_alive()
    assert engine.next_logits("m", (0,)).done()
    assert threading.active_count() == before


@pytest.mark.parametrize("length", [2, 17, 18, 33])
def test_scores_in_parts_are_those_of_each_row(length):
    engine = engine_of(m=[0, 1, 2, 3, 4, 0, 2, 4, 1, 3, 3])
    token_ids = tuple((3 * position) % VOCABULARY_SIZE for position in range(length))
    scores = engine.score("m", token_ids).result(0)
    for end in range(1, length):
        row = engine.next_logits("m", token_ids[:end]).result(0)
        assert scores.log_probs[end - 1] == pytest.approx(float(row[token_ids[end]]), abs=1e-5)
        assert scores.expected_ids[end - 1] == row.argmax()
