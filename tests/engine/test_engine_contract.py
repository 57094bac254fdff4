"""Contract of every engine: the same scenarios run on each of `FACTORIES`."""

import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import asdict

import numpy as np
import pytest
import torch

from tests.clock import MonotonicClock
from tests.engine.bounds import BOUND_S
from tests.engine.engines import MODEL_ID, VOCABULARY_SIZE
from tests.waiting import wait_until
from wheel.errors import (
    ContextFullError,
    EngineBusyError,
    EngineFailedError,
    ModelUnavailableError,
)

CONTEXT_LENGTH = 64
NOT_ONLY_GROWING = {"num_waiting", "logits_cache_bytes", "prefix_cache_bytes", "batch_counts"}


@pytest.fixture
def engine(make_contract_engine):
    return make_contract_engine()


@pytest.fixture
def assert_answer(plain_model):
    """Compares an engine's answer with a plain forward pass of transformers over the context."""

    def assert_answer(future, token_ids):
        with torch.no_grad():
            logits = plain_model(torch.tensor([token_ids])).logits[0, -1]
        expected = torch.softmax(logits.double(), dim=-1).numpy()
        row = torch.tensor(future.result(BOUND_S)).double()
        assert torch.softmax(row, dim=-1).numpy() == pytest.approx(expected, abs=1e-5)

    return assert_answer


def ask(engine, *token_ids, model_id=MODEL_ID):
    return engine.next_logits(model_id, token_ids)


def hold_up(engine, control, *token_ids):
    """A request whose forward pass waits at the closed gate."""
    control.gate.clear()
    future = ask(engine, *token_ids)
    assert control.entered.acquire(timeout=BOUND_S)
    return future


def engine_threads():
    return [thread for thread in threading.enumerate() if thread.name == "engine"]


# Answers


@pytest.mark.parametrize("length", [1, 2, 7, 63, CONTEXT_LENGTH])
def test_probabilities_equal_those_of_plain_transformers(engine, assert_answer, length):
    token_ids = tuple((7 * position + length) % VOCABULARY_SIZE for position in range(length))
    assert_answer(ask(engine, *token_ids), token_ids)


def test_an_answer_is_a_float32_row_of_the_size_of_the_vocabulary(engine):
    row = ask(engine, 7).result(BOUND_S)
    assert (row.dtype, row.shape) == (np.float32, (VOCABULARY_SIZE,))


def test_an_answer_cannot_be_written_to(engine):
    row = ask(engine, 1).result(BOUND_S)
    with pytest.raises(ValueError, match="read-only"):
        row[0] = 0


def test_each_of_fifty_requests_gets_its_own_answer(engine, assert_answer):
    contexts = [(token_id,) for token_id in range(50)]
    futures = [ask(engine, *token_ids) for token_ids in contexts]
    for future, token_ids in zip(futures, contexts, strict=True):
        assert_answer(future, token_ids)


def test_requests_of_mixed_lengths_at_once_get_their_own_answers(engine, control, assert_answer):
    first = hold_up(engine, control, 9)
    contexts = [tuple(range(length)) for length in (1, 40, 2, 17, 33, 3)]
    futures = [ask(engine, *token_ids) for token_ids in contexts]
    control.gate.set()
    assert_answer(first, (9,))
    for future, token_ids in zip(futures, contexts, strict=True):
        assert_answer(future, token_ids)


def test_a_repeated_question_gets_the_same_answer(engine, assert_answer):
    for _ in range(3):
        assert_answer(ask(engine, 1, 2, 3), (1, 2, 3))


def test_a_text_that_grows_shrinks_and_branches_is_answered_exactly(engine, assert_answer):
    for token_ids in [(1, 2, 3), (1, 2, 3, 4), (1, 2), (1, 2, 5), (1, 2, 5, 6), (1, 2, 3, 4, 7)]:
        assert_answer(ask(engine, *token_ids), token_ids)


def test_twenty_threads_ask_at_once_and_one_thread_answers_them_all(engine, control, assert_answer):
    barrier = threading.Barrier(20)

    def ask_for_several(number):
        barrier.wait(BOUND_S)
        answers = {token_ids: ask(engine, *token_ids) for token_ids in contexts(number)}
        for future in answers.values():
            future.result(BOUND_S)
        return answers

    def contexts(number):
        return [(number, second) for second in range(5)]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask_for_several, range(20)))
    for number, futures in enumerate(answers):
        assert list(futures) == contexts(number)
        for token_ids, future in futures.items():
            assert_answer(future, token_ids)
    assert len(control.threads) == 1


def test_a_prefetch_changes_no_answer(engine, assert_answer):
    ask(engine, 1).result(BOUND_S)
    engine.prefetch(MODEL_ID, (1, 2))
    engine.prefetch(MODEL_ID, (1, 2))
    engine.prefetch(MODEL_ID, (1,) * (CONTEXT_LENGTH + 1))
    engine.prefetch("a model that does not exist", (1, 2))
    assert_answer(ask(engine, 1, 2), (1, 2))
    assert_answer(ask(engine, 1, 2, 3), (1, 2, 3))


# Errors


def test_a_context_that_is_too_long_fails_alone(engine, assert_answer):
    too_long = ask(engine, *[1] * (CONTEXT_LENGTH + 1))
    longest = ask(engine, *[1] * CONTEXT_LENGTH)
    with pytest.raises(ContextFullError, match="has 65 tokens; the model can read at most 64"):
        too_long.result(BOUND_S)
    assert_answer(longest, (1,) * CONTEXT_LENGTH)


def test_one_request_too_many_is_refused_and_the_others_are_answered(
    make_contract_engine, control, assert_answer
):
    engine = make_contract_engine(max_waiting=2)
    under_way = hold_up(engine, control, 1)
    waiting = [ask(engine, token_id) for token_id in (2, 3)]
    with pytest.raises(EngineBusyError):
        ask(engine, 4).result(BOUND_S)
    control.gate.set()
    for token_id, future in enumerate([under_way, *waiting], start=1):
        assert_answer(future, (token_id,))


def test_a_request_past_its_deadline_is_refused_and_never_run(
    make_contract_engine, control, assert_answer
):
    clock = MonotonicClock()
    engine = make_contract_engine(timeout_s=5, clock=clock)
    first = hold_up(engine, control, 9)
    late = ask(engine, 1)
    clock.time = 6
    control.gate.set()
    with pytest.raises(EngineBusyError):
        late.result(BOUND_S)
    assert_answer(first, (9,))
    assert control.token_ids == [9]


def test_a_forward_pass_that_fails_fails_its_own_request_only(
    engine, control, assert_answer, engine_log
):
    control.failing = {13}
    with pytest.raises(EngineFailedError):
        ask(engine, 13).result(BOUND_S)
    assert_answer(ask(engine, 1, 2), (1, 2))
    wait_until(lambda: "a forward pass of m failed" in engine_log())
    control.failing = set()
    assert_answer(ask(engine, 13), (13,))


def test_an_unavailable_model_fails_its_own_request_only(engine, assert_answer):
    with pytest.raises(ModelUnavailableError, match="It is not here"):
        ask(engine, 1, model_id="missing").result(BOUND_S)
    assert_answer(ask(engine, 1), (1,))


def test_an_engine_loads_the_weights_of_the_model_that_it_is_asked_for(engine, model_source):
    ask(engine, 1, 2).result(BOUND_S)
    assert model_source.asked == [MODEL_ID]


# Cancelled requests


def test_a_request_cancelled_before_its_turn_is_never_run(engine, control, assert_answer):
    first = hold_up(engine, control, 1)
    cancelled, last = ask(engine, 2), ask(engine, 3)
    assert cancelled.cancel()
    control.gate.set()
    assert_answer(first, (1,))
    assert_answer(last, (3,))
    assert control.token_ids == [1, 3]
    with pytest.raises(CancelledError):
        cancelled.result(BOUND_S)


def test_a_request_cancelled_during_its_forward_pass_harms_no_other(engine, control, assert_answer):
    cancelled = hold_up(engine, control, 1)
    same = ask(engine, 1)
    assert cancelled.cancel()
    control.gate.set()
    assert_answer(same, (1,))
    assert_answer(ask(engine, 2), (2,))


# Starting


def test_making_an_engine_starts_no_thread(make_contract_engine):
    before = len(engine_threads())
    assert not make_contract_engine().is_alive()
    assert len(engine_threads()) == before


def test_starting_from_ten_threads_at_once_makes_one_thread(engine):
    before = len(engine_threads())
    barrier = threading.Barrier(10)

    def start(_):
        barrier.wait(BOUND_S)
        engine.start()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(start, range(10)))
    assert engine.is_alive()
    assert len(engine_threads()) == before + 1


# Statistics


def test_a_new_engine_has_done_nothing(engine):
    figures = asdict(engine.statistics())
    assert set(figures.pop("batch_counts")) == {0}
    assert set(figures.values()) == {0}


def test_statistics_only_grow_and_agree_with_the_requests(engine):
    contexts = [(1,), (1, 2), (1, 2, 3), (4, 5), (1, 2, 9)]
    before = asdict(engine.statistics())
    for token_ids in contexts:
        ask(engine, *token_ids).result(BOUND_S)
        now = asdict(engine.statistics())
        counters = now.keys() - NOT_ONLY_GROWING
        assert all(now[name] >= before[name] for name in counters)
        pairs = zip(now["batch_counts"], before["batch_counts"], strict=True)
        assert all(new >= old for new, old in pairs)
        before = now
    assert before["num_logits_hits"] + before["num_logits_misses"] == len(contexts)
    assert before["num_prefix_hits"] + before["num_prefix_misses"] == len(contexts)
    assert before["num_sequences"] == sum(before["batch_counts"]) == len(contexts)
    num_tokens = sum(len(token_ids) for token_ids in contexts)
    assert before["num_tokens_computed"] + before["num_tokens_reused"] == num_tokens


def test_statistics_are_a_copy(engine):
    engine.statistics().batch_counts[0] = 7
    assert engine.statistics().batch_counts[0] == 0


def test_waiting_requests_are_counted_until_they_are_taken_up(engine, control):
    first = hold_up(engine, control, 1)
    assert engine.statistics().num_waiting == 0
    waiting = [ask(engine, token_id) for token_id in (2, 3)]
    assert engine.statistics().num_waiting == 2
    control.gate.set()
    for future in (first, *waiting):
        future.result(BOUND_S)
    assert engine.statistics().num_waiting == 0
