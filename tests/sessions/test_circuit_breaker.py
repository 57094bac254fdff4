"""The circuit breaker: after a slow failure, calls fail at once; after a rest, one call probes."""

import pytest

from tests.clock import MonotonicClock
from wheel.sessions.circuit_breaker import CircuitBreaker, CircuitOpenError


@pytest.fixture
def clock():
    return MonotonicClock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(OSError, slow_s=0.5, open_s=1.0, now=clock)


def fail(breaker, clock, *, after_s, error=OSError):
    with pytest.raises(error), breaker.guard():  # noqa: PT012 - the clock moves inside
        clock.time += after_s
        raise error


def is_called(breaker):
    try:
        with breaker.guard():
            return True
    except CircuitOpenError:
        return False


def test_a_quick_failure_leaves_the_circuit_closed(breaker, clock):
    fail(breaker, clock, after_s=0.1)
    assert is_called(breaker)


def test_after_a_slow_failure_the_circuit_is_open_until_the_rest_is_over(breaker, clock):
    fail(breaker, clock, after_s=0.6)
    assert breaker.is_failing_fast
    assert not is_called(breaker)
    clock.time += 1.01
    assert not breaker.is_failing_fast
    assert is_called(breaker)


def test_after_the_rest_only_one_call_at_a_time_probes(breaker, clock):
    fail(breaker, clock, after_s=0.6)
    clock.time += 1.01
    with breaker.guard():
        assert not is_called(breaker)
    assert is_called(breaker)


def test_a_probe_that_fails_slowly_starts_the_rest_again(breaker, clock):
    fail(breaker, clock, after_s=0.6)
    clock.time += 1.01
    fail(breaker, clock, after_s=0.9)
    clock.time += 0.9
    assert not is_called(breaker)
    clock.time += 0.2
    assert is_called(breaker)


def test_an_exception_that_is_no_failure_counts_as_an_answer_however_slow(breaker, clock):
    fail(breaker, clock, after_s=0.6, error=KeyError)
    assert is_called(breaker)
    fail(breaker, clock, after_s=0.6)
    clock.time += 1.01
    fail(breaker, clock, after_s=0.1, error=KeyError)
    with breaker.guard():
        assert is_called(breaker)  # the circuit is closed: calls at the same time pass


@pytest.mark.parametrize(("after_s", "is_open"), [(0.49, False), (0.5, True)])
def test_by_default_a_failure_after_half_a_second_opens_the_circuit_for_one_second(
    clock, after_s, is_open
):
    breaker = CircuitBreaker(OSError, now=clock)
    fail(breaker, clock, after_s=after_s)
    assert breaker.is_failing_fast == is_open
    assert is_called(breaker) != is_open
    clock.time = after_s + 1.0
    assert not breaker.is_failing_fast
    assert is_called(breaker)


def test_the_success_of_an_older_call_does_not_close_a_circuit_opened_since(breaker, clock):
    with breaker.guard():
        breaker.trip()
    assert not is_called(breaker)
