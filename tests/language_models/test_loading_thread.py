"""The loading thread: one function at a time, a timeout for those who wait, and the end."""

import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest

from tests.language_models.fakes import BOUND_S
from wheel.language_models.loading_thread import LoadingThread


@pytest.fixture
def thread():
    return LoadingThread()


def test_functions_run_in_the_thread_and_return_their_results(thread):
    assert thread.run(lambda: threading.current_thread().name) == "model-loading"


def test_exceptions_are_raised_in_the_thread_that_waits(thread):
    with pytest.raises(ZeroDivisionError):
        thread.run(lambda: 1 // 0)
    assert thread.run(lambda: 1) == 1


def test_a_function_runs_although_the_wait_for_it_has_ended(thread):
    gate, done = threading.Event(), threading.Event()

    def work():
        assert gate.wait(BOUND_S)
        done.set()

    with pytest.raises(TimeoutError):
        thread.run(work, timeout_s=0.01)
    gate.set()
    assert done.wait(BOUND_S)


def test_closing_waits_for_the_function_that_runs_and_cancels_the_others(thread):
    gate, began = threading.Event(), threading.Event()
    calls: list[str] = []

    def first():
        began.set()
        assert gate.wait(BOUND_S)
        calls.append("first")

    with ThreadPoolExecutor(3) as pool:
        running = pool.submit(thread.run, first)
        assert began.wait(BOUND_S)
        waiting = pool.submit(thread.run, lambda: calls.append("second"))
        closing = pool.submit(thread.close)
        with pytest.raises(CancelledError):
            waiting.result(BOUND_S)
        assert not closing.done()
        gate.set()
        closing.result(BOUND_S)
        running.result(BOUND_S)
    assert calls == ["first"]


def test_a_closed_thread_runs_nothing(thread):
    thread.close()
    thread.close()
    with pytest.raises(CancelledError):
        thread.run(lambda: None)
