"""After waiting in vain, nobody waits again for a while; then one tries for all."""

import pytest

from tests.clock import MonotonicClock
from wheel.sessions.circuit_breaker import CircuitBreaker, CircuitOpenError


@pytest.fixture
def clock():
    return MonotonicClock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(OSError, slow_s=0.5, rest_s=1.0, now=clock)


def fail(breaker, clock, *, after_s, error=OSError):
    with pytest.raises(error), breaker.guard():  # noqa: PT012 - the clock is part of it
        clock.time += after_s
        raise error


def is_let_in(breaker):
    try:
        with breaker.guard():
            return True
    except CircuitOpenError:
        return False


def test_a_failure_that_came_at_once_keeps_nobody_out(breaker, clock):
    fail(breaker, clock, after_s=0.1)
    assert is_let_in(breaker)


def test_after_a_slow_failure_nobody_is_let_in_until_it_has_rested(breaker, clock):
    fail(breaker, clock, after_s=0.6)
    assert breaker.is_resting
    assert not is_let_in(breaker)
    clock.time += 1.01
    assert not breaker.is_resting
    assert is_let_in(breaker)


def test_only_one_tries_at_a_time_whether_it_is_back(breaker, clock):
    fail(breaker, clock, after_s=0.6)
    clock.time += 1.01
    with breaker.guard():
        assert not is_let_in(breaker)
    assert is_let_in(breaker)


def test_a_try_that_fails_starts_the_rest_anew(breaker, clock):
    fail(breaker, clock, after_s=0.6)
    clock.time += 1.01
    fail(breaker, clock, after_s=0.9)
    clock.time += 0.9
    assert not is_let_in(breaker)
    clock.time += 0.2
    assert is_let_in(breaker)


def test_an_error_that_is_an_answer_is_one_however_late(breaker, clock):
    fail(breaker, clock, after_s=0.6, error=KeyError)
    assert is_let_in(breaker)
    fail(breaker, clock, after_s=0.6)
    clock.time += 1.01
    fail(breaker, clock, after_s=0.1, error=KeyError)
    with breaker.guard():
        assert is_let_in(breaker)  # it is back: all at once may come


def test_an_old_call_that_ends_well_does_not_hide_that_another_has_waited_in_vain(breaker, clock):
    with breaker.guard():
        breaker.trip()
    assert not is_let_in(breaker)
