"""Contract of every engine on scoring texts."""

import numpy as np
import pytest
import torch

from tests.engine.bounds import BOUND_S
from tests.engine.engines import MODEL_ID, VOCABULARY_SIZE
from wheel.errors import (
    ContextFullError,
    EngineBusyError,
    EngineFailedError,
    ModelUnavailableError,
)

CONTEXT_LENGTH = 64


@pytest.fixture
def engine(make_contract_engine):
    return make_contract_engine()


@pytest.fixture
def assert_scores(plain_model):
    """Compares with the logits of one plain forward pass of transformers over the whole text."""

    def assert_scores(future, token_ids):
        with torch.no_grad():
            logits = plain_model(torch.tensor([token_ids[:-1]])).logits[0].double()
        log_probs = torch.log_softmax(logits, dim=-1)
        scores = future.result(BOUND_S)
        assert len(scores) == len(token_ids) - 1
        for row, token_id, *score in zip(
            log_probs,
            token_ids[1:],
            scores.log_probs,
            scores.ranks,
            scores.expected_ids,
            scores.expected_log_probs,
            strict=True,
        ):
            log_prob, rank, expected_id, expected_log_prob = score
            assert np.exp(log_prob) == pytest.approx(row[token_id].exp().item(), abs=1e-5)
            assert np.exp(expected_log_prob) == pytest.approx(row.max().exp().item(), abs=1e-5)
            order = sorted(range(VOCABULARY_SIZE), key=lambda i: (-row[i].item(), i))
            assert order[0] == expected_id
            assert order[rank] == token_id

    return assert_scores


def text_of(length, step=7):
    return tuple((step * position + length) % VOCABULARY_SIZE for position in range(length))


@pytest.mark.parametrize("length", [2, 3, 17, 40, CONTEXT_LENGTH, CONTEXT_LENGTH + 1])
def test_scores_equal_those_of_one_plain_forward_pass(engine, assert_scores, length):
    token_ids = text_of(length)
    assert_scores(engine.score(MODEL_ID, token_ids), token_ids)


def test_scores_of_several_texts_and_logits_between_them_are_their_own(engine, assert_scores):
    texts = [text_of(length, step) for length, step in ((30, 3), (12, 5), (30, 11))]
    futures = [engine.score(MODEL_ID, token_ids) for token_ids in texts]
    row = engine.next_logits(MODEL_ID, texts[0][:-1])
    for future, token_ids in zip(futures, texts, strict=True):
        assert_scores(future, token_ids)
    scores = futures[0].result(BOUND_S)
    logits = row.result(BOUND_S).astype(np.float64)
    log_prob = logits[texts[0][-1]] - np.log(np.exp(logits).sum())
    assert scores.log_probs[-1] == pytest.approx(log_prob, abs=1e-5)


def test_a_text_that_is_too_long_fails_alone(engine, assert_scores):
    too_long = engine.score(MODEL_ID, text_of(CONTEXT_LENGTH + 2))
    with pytest.raises(ContextFullError):
        too_long.result(BOUND_S)
    assert_scores(engine.score(MODEL_ID, (1, 2)), (1, 2))


def test_a_forward_pass_that_fails_fails_its_own_text_only(engine, control, assert_scores):
    control.failing = {13}
    with pytest.raises(EngineFailedError):
        engine.score(MODEL_ID, (1, 13, 2)).result(BOUND_S)
    assert_scores(engine.score(MODEL_ID, (1, 2, 3)), (1, 2, 3))


def test_an_unavailable_model_fails_its_own_text_only(engine, assert_scores):
    with pytest.raises(ModelUnavailableError):
        engine.score("missing", (1, 2)).result(BOUND_S)
    assert_scores(engine.score(MODEL_ID, (1, 2)), (1, 2))


def test_one_text_too_many_is_refused(make_contract_engine, control, assert_scores):
    engine = make_contract_engine(max_waiting=2)
    control.gate.clear()
    under_way = engine.score(MODEL_ID, (1, 2))
    assert control.entered.acquire(timeout=BOUND_S)
    waiting = [engine.score(MODEL_ID, (token_id, 5)) for token_id in (3, 4)]
    with pytest.raises(EngineBusyError):
        engine.score(MODEL_ID, (6, 5)).result(BOUND_S)
    control.gate.set()
    for future, token_ids in zip([under_way, *waiting], [(1, 2), (3, 5), (4, 5)], strict=True):
        assert_scores(future, token_ids)


def test_a_cancelled_text_is_never_computed(engine, control, assert_scores):
    control.gate.clear()
    under_way = engine.score(MODEL_ID, (1, 2))
    assert control.entered.acquire(timeout=BOUND_S)
    cancelled, last = engine.score(MODEL_ID, (7, 8)), engine.score(MODEL_ID, (3, 4))
    assert cancelled.cancel()
    control.gate.set()
    assert_scores(under_way, (1, 2))
    assert_scores(last, (3, 4))
    assert not {7, 8} & set(control.token_ids)
