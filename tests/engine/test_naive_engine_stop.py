"""Stopping: nothing hangs, nothing is lost without a word, and starting again works."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from tests.engine.fakes import BOUND_S, answer
from wheel.errors import EngineBusyError


@pytest.fixture
def stopping(make_engine, forward):
    """An engine with one request under way and a full queue, that is being stopped."""
    engine = make_engine(max_waiting=2)
    under_way = engine.next_logits("m", (1,))
    assert forward.entered.wait(BOUND_S)
    waiting = [engine.next_logits("m", (token_id,)) for token_id in (2, 3)]
    with ThreadPoolExecutor(2) as pool:
        stops = [pool.submit(engine.stop) for _ in range(2)]
        yield engine, under_way, waiting, stops
        forward.gate.set()


def test_what_is_under_way_is_finished(stopping, forward):
    engine, under_way, _, stops = stopping
    forward.gate.set()
    assert answer(under_way) == 1
    wait(stops, BOUND_S)
    assert not engine.is_alive()


def test_what_waits_is_refused_at_once(stopping, forward):
    _, under_way, waiting, _ = stopping
    for future in waiting:
        with pytest.raises(EngineBusyError):
            future.result(BOUND_S)
    assert not under_way.done()
    forward.gate.set()
    answer(under_way)
    assert forward.answered == [1]


def test_a_request_that_comes_while_the_engine_is_stopping_is_refused(stopping):
    engine, _, waiting, _ = stopping
    wait(waiting, BOUND_S)
    with pytest.raises(EngineBusyError):
        engine.next_logits("m", (4,)).result(BOUND_S)


def test_stopping_twice_at_once_and_once_more_is_harmless(stopping, forward):
    engine, _, _, stops = stopping
    forward.gate.set()
    assert all(future.result(BOUND_S) is None for future in stops)
    engine.stop()
    assert not engine.is_alive()


def test_an_engine_that_never_ran_can_be_stopped(make_engine):
    engine = make_engine()
    engine.stop()
    assert not engine.is_alive()


def test_a_stopped_engine_can_be_started_again(make_engine, forward):
    engine = make_engine()
    forward.gate.set()
    for number in range(5):
        engine.start()
        assert answer(engine.next_logits("m", (number,))) == number
        engine.stop()
        assert not engine.is_alive()


def test_a_request_starts_a_stopped_engine(make_engine, forward):
    engine = make_engine()
    forward.gate.set()
    engine.stop()
    assert answer(engine.next_logits("m", (5,))) == 5


def test_a_cancelled_request_in_the_queue_does_not_stop_the_stop(make_engine, forward):
    engine = make_engine()
    under_way = engine.next_logits("m", (1,))
    assert forward.entered.wait(BOUND_S)
    assert engine.next_logits("m", (2,)).cancel()
    with ThreadPoolExecutor(1) as pool:
        stop = pool.submit(engine.stop)
        forward.gate.set()
        stop.result(BOUND_S)
    assert answer(under_way) == 1


def test_no_request_hangs_however_starts_and_stops_fall(make_engine, forward):
    """Each is answered or refused: a thread that is ending never takes one with it."""
    engine = make_engine()
    forward.gate.set()
    is_over = threading.Event()

    def keep_stopping():
        while not is_over.is_set():
            engine.stop()

    with ThreadPoolExecutor(1) as stopper, ThreadPoolExecutor(8) as pool:
        stopping = stopper.submit(keep_stopping)
        try:
            futures = list(pool.map(lambda n: engine.next_logits("m", (n,)), range(2000)))
            done, hanging = wait(futures, BOUND_S)
        finally:
            is_over.set()
        stopping.result(BOUND_S)
    assert not hanging
    assert {type(future.exception()) for future in done} <= {type(None), EngineBusyError}
