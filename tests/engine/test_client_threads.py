"""Client threads never wait for work of the engine's thread other than the answer itself.

In each test the engine's thread is stopped at a gate in the middle of its own work: a copy of keys
and values, a search in the prefix cache, or the sorting of look-ahead. Meanwhile other threads
call the engine, and every call has to return.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.engine.bounds import BOUND_S
from tests.engine.recording_runner import SHAPE, RecordingRunner, ask, logits_of, row_of
from wheel.engine.contiguous_kv_buffer import ContiguousKVBuffer
from wheel.engine.look_ahead import LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.errors import EngineBusyError


class Gate:
    """Stops the thread that calls `enter` while it is closed."""

    def __init__(self):
        self.entered = threading.Event()
        self._is_open = threading.Event()
        self._is_open.set()

    def close(self):
        self._is_open.clear()

    def open(self):
        self._is_open.set()

    def enter(self):
        if not self._is_open.is_set():
            self.entered.set()
            assert self._is_open.wait(BOUND_S)


class GatedRunner(RecordingRunner):
    """Its buffers stop at the gate before they copy rows."""

    def __init__(self, gate):
        super().__init__()
        self._buffer_gate = gate

    def allocate(self, num_tokens):
        gate = self._buffer_gate

        class GatedBuffer(ContiguousKVBuffer):
            def copy_prefix(self, num_tokens, *, capacity):
                gate.enter()
                return super().copy_prefix(num_tokens, capacity=capacity)

            def reserve(self, num_tokens):
                gate.enter()
                super().reserve(num_tokens)

        return GatedBuffer(SHAPE, capacity=num_tokens)


class GatedPrefixCache(PrefixCache):
    """Stops at the gate before it takes a buffer back."""

    def __init__(self, gate):
        super().__init__(10**6)
        self._gate = gate

    def release(self, model_id, buffer, token_ids):
        self._gate.enter()
        super().release(model_id, buffer, token_ids)


class GatedLookAhead(LookAhead):
    """Stops at the gate before it searches for contexts to compute."""

    def __init__(self, gate):
        super().__init__(num_children=1)
        self._gate = gate

    def next_requests(self, is_known, *, now, max_requests):
        self._gate.enter()
        return super().next_requests(is_known, now=now, max_requests=max_requests)


@pytest.fixture
def gate():
    """Opened at the end, before the engines are stopped."""
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def runner(gate):
    return GatedRunner(gate)


@pytest.fixture
def in_another_thread():
    """Calls a function in a thread of its own; fails where the call does not return."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda call, *args: pool.submit(call, *args).result(BOUND_S)


BRANCH = (1, 2, 9)  # needs a copy of the rows of 1 and 2
CONTINUATION = (1, 2, 3, 4)  # needs room in the buffer of 1, 2 and 3


@pytest.fixture(params=["copy_prefix", "reserve", "release"])
def stopped_engine(request, make_engine, gate):
    """An engine that knows the context (1, 2, 3) and is stopped in the middle of another request;
    that request's token ids and future."""
    prefix_cache = GatedPrefixCache(gate) if request.param == "release" else PrefixCache(10**6)
    engine = make_engine(
        max_waiting=1, look_ahead=LookAhead(num_children=0), prefix_cache=prefix_cache
    )
    row_of(ask(engine, 1, 2, 3))
    gate.close()
    token_ids = CONTINUATION if request.param == "reserve" else BRANCH
    future = ask(engine, *token_ids)
    assert gate.entered.wait(BOUND_S)
    yield engine, token_ids, future
    gate.open()


def test_a_known_context_is_answered_during_a_copy(stopped_engine, in_another_thread):
    engine, _, _ = stopped_engine
    known = in_another_thread(ask, engine, 1, 2, 3)
    assert known.done()
    assert row_of(known) == logits_of([1, 2, 3])


def test_hints_statistics_and_probes_return_during_a_copy(stopped_engine, in_another_thread):
    engine, _, _ = stopped_engine
    assert in_another_thread(engine.prefetch, "m", (1, 2, 5)) is None
    assert in_another_thread(engine.statistics).num_logits_misses == 2
    assert in_another_thread(engine.is_alive)
    assert in_another_thread(engine.start) is None


def test_new_requests_are_queued_joined_or_refused_during_a_copy(
    stopped_engine, in_another_thread, gate
):
    engine, token_ids, under_way = stopped_engine
    joined = in_another_thread(ask, engine, *token_ids)
    queued = in_another_thread(ask, engine, 7)
    refused = in_another_thread(ask, engine, 8)
    with pytest.raises(EngineBusyError):
        row_of(refused)
    assert not any(future.done() for future in (under_way, joined, queued))
    gate.open()
    assert row_of(under_way) == row_of(joined) == logits_of(token_ids)
    assert row_of(queued) == logits_of([7])


def test_waiting_requests_are_refused_at_once_when_the_engine_stops_during_a_copy(
    stopped_engine, gate
):
    engine, token_ids, under_way = stopped_engine
    queued = ask(engine, 7)
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(engine.stop)
        with pytest.raises(EngineBusyError):
            row_of(queued)
        assert not under_way.done()
        gate.open()
        stopping.result(BOUND_S)
    assert row_of(under_way) == logits_of(token_ids)


def test_calls_return_while_look_ahead_is_sorting(make_engine, gate, in_another_thread):
    engine = make_engine(look_ahead=GatedLookAhead(gate))
    row_of(ask(engine, 1))
    gate.close()
    engine.prefetch("m", (1, 2))
    assert gate.entered.wait(BOUND_S)
    assert in_another_thread(ask, engine, 1).done()
    assert in_another_thread(engine.prefetch, "m", (1, 3)) is None
    assert in_another_thread(engine.statistics).num_logits_hits == 1
    queued = in_another_thread(ask, engine, 7)
    assert not queued.done()
    gate.open()
    assert row_of(queued) == logits_of([7])


def test_a_callback_of_an_answer_may_wait_for_another_thread_s_call(make_engine, runner):
    """Answers are given outside of the lock."""
    engine = make_engine()
    runner.gate.clear()
    results = []
    with ThreadPoolExecutor(1) as pool:
        future = ask(engine, 1)
        future.add_done_callback(
            lambda _: results.append(pool.submit(engine.statistics).result(BOUND_S))
        )
        runner.gate.set()
        row_of(future)
        engine.stop()
    assert [statistics.num_sequences for statistics in results] == [1]
