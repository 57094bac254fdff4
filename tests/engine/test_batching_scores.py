"""Scoring on the batching engine: long texts in chunks, with other requests between them."""

import numpy as np
import pytest

from tests.engine.bounds import BOUND_S
from tests.engine.recording_runner import VOCABULARY_SIZE, ask, logits_of, row_of

CHUNK_TOKENS = 8
LONG = tuple(position % VOCABULARY_SIZE for position in range(3 * CHUNK_TOKENS + 2))


@pytest.fixture
def engine(make_engine):
    return make_engine(chunk_tokens=CHUNK_TOKENS)


def score(engine, token_ids):
    return engine.score("m", token_ids)


def assert_scores(scores, token_ids):
    """Against the runner's logits of each beginning of the text."""
    assert len(scores) == len(token_ids) - 1
    for idx, token_id in enumerate(token_ids[1:]):
        row = np.array(logits_of(token_ids[: idx + 1]))
        order = np.lexsort((np.arange(VOCABULARY_SIZE), -row)).tolist()
        log_probs = row - row.max() - np.log(np.exp(row - row.max()).sum())
        assert scores.log_probs[idx] == pytest.approx(log_probs[token_id], abs=1e-9)
        assert scores.ranks[idx] == order.index(token_id)
        assert scores.expected_ids[idx] == order[0]
        assert scores.expected_log_probs[idx] == pytest.approx(log_probs.max(), abs=1e-9)


@pytest.mark.parametrize(
    "length",
    [
        *(2, CHUNK_TOKENS - 1, CHUNK_TOKENS, CHUNK_TOKENS + 1, CHUNK_TOKENS + 2),
        *(2 * CHUNK_TOKENS + 1, 2 * CHUNK_TOKENS + 2, len(LONG), 65),
    ],
)
def test_a_text_is_scored_the_same_in_any_number_of_chunks(engine, runner, length):
    token_ids = (LONG * 3)[:length]
    assert_scores(score(engine, token_ids).result(BOUND_S), token_ids)
    sizes = [len(chunk) for batch in runner.batches for chunk in batch]
    num_whole, rest = divmod(length - 1, CHUNK_TOKENS)
    assert sizes == [CHUNK_TOKENS] * num_whole + [rest] * bool(rest)


def test_a_wheel_is_computed_between_the_chunks_of_a_long_text(engine, runner):
    runner.gate.clear()
    text = score(engine, LONG)
    assert runner.entered.acquire(timeout=BOUND_S)
    wheel = ask(engine, 3, 1, 4)
    runner.gate.set()
    assert row_of(wheel) == logits_of((3, 1, 4))
    assert_scores(text.result(BOUND_S), LONG)
    assert [(3, 1, 4)] in runner.batches[1:-1]


def test_two_texts_with_the_same_beginning_do_not_share_a_buffer(engine):
    texts = [LONG, (*LONG[:-1], 0), LONG[:5]]
    futures = [score(engine, token_ids) for token_ids in texts]
    for future, token_ids in zip(futures, texts, strict=True):
        assert_scores(future.result(BOUND_S), token_ids)


def test_a_prefix_that_is_cached_changes_no_score(engine):
    row_of(ask(engine, *LONG[:10]))
    assert_scores(score(engine, LONG).result(BOUND_S), LONG)


def test_equal_texts_that_wait_together_are_scored_once(engine, runner):
    runner.gate.clear()
    futures = [score(engine, LONG) for _ in range(3)]
    assert runner.entered.acquire(timeout=BOUND_S)
    runner.gate.set()
    for future in futures:
        assert_scores(future.result(BOUND_S), LONG)
    assert runner.num_tokens_run == len(LONG) - 1


def test_a_text_that_is_cancelled_between_two_chunks_is_dropped(engine, runner):
    runner.gate.clear()
    text = score(engine, LONG)
    assert runner.entered.acquire(timeout=BOUND_S)
    assert text.cancel()
    runner.gate.set()
    assert row_of(ask(engine, 1, 2)) == logits_of((1, 2))
    assert runner.num_tokens_run == CHUNK_TOKENS + 2
