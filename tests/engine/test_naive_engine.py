import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor

import numpy as np
import pytest

from tests.engine.fakes import BOUND_S, answer
from wheel.errors import EngineBusyError, EngineFailedError, ModelUnavailableError


def engine_threads():
    return [thread for thread in threading.enumerate() if thread.name == "engine"]


def test_each_request_gets_its_own_answer(make_engine, forward):
    engine = make_engine()
    forward.gate.set()
    futures = [engine.next_logits("m", (token_id,)) for token_id in range(50)]
    assert [answer(future) for future in futures] == list(range(50))


def test_twenty_threads_ask_at_once_and_one_thread_answers_them_all(make_engine, forward):
    engine = make_engine()
    forward.gate.set()
    barrier = threading.Barrier(20)

    def ask(number):
        barrier.wait(BOUND_S)
        token_ids = range(number * 100, number * 100 + 30)
        return [answer(engine.next_logits("m", (token_id,))) for token_id in token_ids]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    assert answers == [list(range(n * 100, n * 100 + 30)) for n in range(20)]
    assert len(forward.threads) == 1


def test_starting_twice_makes_one_thread(make_engine, forward):
    before = len(engine_threads())
    engine = make_engine()
    barrier = threading.Barrier(10)

    def start(_):
        barrier.wait(BOUND_S)
        engine.start()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(start, range(10)))
    assert engine.is_alive()
    assert len(engine_threads()) == before + 1


def test_making_an_engine_starts_nothing(make_engine):
    before = len(engine_threads())
    assert not make_engine().is_alive()
    assert len(engine_threads()) == before


def test_a_forward_pass_that_fails_fails_its_own_request_only(make_engine, forward, caplog):
    engine = make_engine()
    forward.gate.set()
    futures = [engine.next_logits("m", (token_id,)) for token_id in (1, -1, 2)]
    assert answer(futures[0]) == 1
    with pytest.raises(EngineFailedError):
        futures[1].result(BOUND_S)
    assert answer(futures[2]) == 2
    assert "a forward pass of m failed" in caplog.text


def test_a_model_that_is_not_available_is_told_as_such(make_engine):
    def weights(model_id):
        raise ModelUnavailableError("It is not here.")

    with pytest.raises(ModelUnavailableError, match="It is not here"):
        make_engine(weights).next_logits("m", (1,)).result(BOUND_S)


def test_one_request_too_many_is_refused_and_the_others_are_answered(make_engine, forward):
    engine = make_engine(max_waiting=2)
    under_way = engine.next_logits("m", (1,))
    assert forward.entered.wait(BOUND_S)
    waiting = [engine.next_logits("m", (token_id,)) for token_id in (2, 3)]
    with pytest.raises(EngineBusyError):
        engine.next_logits("m", (4,)).result(BOUND_S)
    forward.gate.set()
    assert [answer(future) for future in (under_way, *waiting)] == [1, 2, 3]


def test_a_request_that_waited_past_its_deadline_is_refused_and_never_run(make_engine, forward):
    engine = make_engine(timeout_s=-1)
    forward.gate.set()
    with pytest.raises(EngineBusyError):
        engine.next_logits("m", (1,)).result(BOUND_S)
    assert forward.answered == []


def test_a_request_cancelled_before_its_turn_is_never_run(make_engine, forward):
    engine = make_engine()
    first = engine.next_logits("m", (1,))
    assert forward.entered.wait(BOUND_S)
    cancelled, last = engine.next_logits("m", (2,)), engine.next_logits("m", (3,))
    assert cancelled.cancel()
    forward.gate.set()
    assert [answer(first), answer(last)] == [1, 3]
    assert forward.answered == [1, 3]
    with pytest.raises(CancelledError):
        cancelled.result(BOUND_S)


def test_a_request_given_up_while_under_way_harms_no_other(make_engine, forward):
    engine = make_engine()
    given_up = engine.next_logits("m", (1,))
    assert forward.entered.wait(BOUND_S)
    assert given_up.cancel()
    forward.gate.set()
    assert answer(engine.next_logits("m", (2,))) == 2


def test_logits_are_float32(make_engine, forward):
    forward.gate.set()
    assert make_engine().next_logits("m", (7,)).result(BOUND_S).dtype == np.float32
