"""Look-ahead of the batching engine on a recording runner: prefetching and speculation."""

import numpy as np

from tests.clock import MonotonicClock
from tests.engine.bounds import BOUND_S
from tests.engine.recording_runner import ask, hold_up, logits_of, row_of
from tests.waiting import wait_until
from wheel.engine.look_ahead import LookAhead


def test_a_prefetched_context_is_computed_before_it_is_asked_for(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=0))
    row_of(ask(engine, 1))
    runner.entered.acquire()
    engine.prefetch("m", (1, 2))
    assert runner.entered.acquire(timeout=BOUND_S)
    assert row_of(ask(engine, 1, 2)) == logits_of([1, 2])
    assert len(runner.batches) == 2


def test_the_likeliest_children_of_a_context_are_computed_when_idle(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=2))
    row = row_of(ask(engine, 1))
    for _ in range(3):
        assert runner.entered.acquire(timeout=BOUND_S)
    likeliest = np.argsort(row)[::-1][:2].tolist()
    assert runner.batches[1:] == [[(likeliest[0],)], [(likeliest[1],)]]
    child = row_of(ask(engine, 1, likeliest[0]))
    assert child == logits_of([1, likeliest[0]])


def test_a_wheel_that_is_left_at_once_causes_no_speculation(make_engine, runner):
    """On a stopped clock, the delay before speculation never passes."""
    engine = make_engine(look_ahead=LookAhead(num_children=2), clock=MonotonicClock())
    for length in range(1, 6):
        row_of(ask(engine, *range(length)))
    assert len(runner.batches) == 5


def test_thirty_prefetches_are_computed_in_one_forward_pass(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=0))
    held_up = hold_up(engine, runner, 9)
    for token_id in range(30):
        engine.prefetch("m", (9, token_id))
    runner.gate.set()
    row_of(held_up)
    wait_until(lambda: len(runner.batches) == 2)
    for token_id in range(30):
        assert row_of(ask(engine, 9, token_id)) == logits_of([9, token_id])
    assert runner.batches[1:] == [[(token_id,) for token_id in reversed(range(30))]]


def test_a_prefetched_context_is_speculated_on_once_it_is_asked_for(make_engine, runner):
    """As on the page: a spin prefetches the context, and only later is its wheel shown."""
    engine = make_engine(look_ahead=LookAhead(num_children=1))
    engine.start()
    row_of(ask(engine, 1))
    assert runner.entered.acquire(timeout=BOUND_S)
    engine.prefetch("m", (1, 2))
    assert runner.entered.acquire(timeout=BOUND_S)
    row = row_of(ask(engine, 1, 2))
    assert runner.entered.acquire(timeout=BOUND_S)
    assert runner.batches[-1] == [(int(np.argmax(row)),)]


def test_look_ahead_runs_only_when_no_client_waits(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=2), max_batch_size=1)
    hold_up(engine, runner, 9)
    engine.prefetch("m", (9, 5))
    futures = [ask(engine, token_id) for token_id in (1, 2)]
    runner.gate.set()
    for future in futures:
        row_of(future)
    assert runner.batches[:3] == [[(9,)], [(1,)], [(2,)]]


def test_a_known_context_is_not_computed_again_by_look_ahead(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=0))
    row_of(ask(engine, 1))
    engine.prefetch("m", (1,))
    row_of(ask(engine, 2))
    assert runner.batches == [[(1,)], [(2,)]]
