"""Contract of every engine on stopping: no request is left without an answer or an error, and the
engine can be started again."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from tests.engine.bounds import BOUND_S
from tests.engine.engines import MODEL_ID
from wheel.errors import EngineBusyError


@pytest.fixture
def engine(make_contract_engine):
    return make_contract_engine()


@pytest.fixture
def stopping(make_contract_engine, control):
    """An engine that is being stopped, with one request under way and a full queue."""
    engine = make_contract_engine(max_waiting=2)
    control.gate.clear()
    under_way = ask(engine, 1)
    assert control.entered.acquire(timeout=BOUND_S)
    waiting = [ask(engine, token_id) for token_id in (2, 3)]
    with ThreadPoolExecutor(2) as pool:
        stops = [pool.submit(engine.stop) for _ in range(2)]
        yield engine, under_way, waiting, stops
        control.gate.set()


def ask(engine, token_id):
    return engine.next_logits(MODEL_ID, (token_id,))


def test_stopping_finishes_the_request_under_way(stopping, control):
    engine, under_way, _, stops = stopping
    control.gate.set()
    assert under_way.result(BOUND_S) is not None
    done, _ = wait(stops, BOUND_S)
    assert len(done) == 2
    assert not engine.is_alive()


def test_stopping_refuses_waiting_requests_at_once(stopping, control):
    _, under_way, waiting, _ = stopping
    for future in waiting:
        with pytest.raises(EngineBusyError):
            future.result(BOUND_S)
    assert not under_way.done()
    control.gate.set()
    under_way.result(BOUND_S)
    assert control.token_ids == [1]


def test_a_request_that_comes_while_the_engine_is_stopping_is_refused(stopping):
    engine, _, waiting, _ = stopping
    wait(waiting, BOUND_S)
    with pytest.raises(EngineBusyError):
        ask(engine, 4).result(BOUND_S)


def test_stopping_twice_at_once_and_once_more_is_harmless(stopping, control):
    engine, _, _, stops = stopping
    control.gate.set()
    assert all(future.result(BOUND_S) is None for future in stops)
    engine.stop()
    assert not engine.is_alive()


def test_a_cancelled_request_in_the_queue_does_not_keep_the_engine_from_stopping(engine, control):
    control.gate.clear()
    under_way = ask(engine, 1)
    assert control.entered.acquire(timeout=BOUND_S)
    assert ask(engine, 2).cancel()
    with ThreadPoolExecutor(1) as pool:
        stop = pool.submit(engine.stop)
        control.gate.set()
        stop.result(BOUND_S)
    assert under_way.result(BOUND_S) is not None


def test_an_engine_that_never_ran_can_be_stopped(engine):
    engine.stop()
    assert not engine.is_alive()


def test_a_stopped_engine_can_be_started_again(engine):
    for token_id in range(5):
        engine.start()
        assert ask(engine, token_id).result(BOUND_S) is not None
        engine.stop()
        assert not engine.is_alive()


def test_a_request_starts_a_stopped_engine(engine):
    engine.stop()
    assert ask(engine, 5).result(BOUND_S) is not None
    assert engine.is_alive()


def test_no_request_hangs_when_the_engine_is_stopped_again_and_again(engine):
    """Each is answered or refused: a thread that is ending never takes one with it."""
    is_over = threading.Event()

    def keep_stopping():
        while not is_over.is_set():
            engine.stop()

    with ThreadPoolExecutor(1) as stopper, ThreadPoolExecutor(8) as pool:
        stopping = stopper.submit(keep_stopping)
        try:
            futures = list(pool.map(lambda n: ask(engine, n % 50), range(2000)))
            done, hanging = wait(futures, BOUND_S)
        finally:
            is_over.set()
        stopping.result(BOUND_S)
    assert not hanging
    assert {type(future.exception()) for future in done} <= {type(None), EngineBusyError}
