"""The engine's policy, on a runner that records: caching, joining, order, limits, failures."""

import time

import numpy as np
import pytest

from tests.clock import MonotonicClock
from tests.engine.fake_runner import RecordingRunner, logits_of
from wheel.engine.batching_engine import BatchingEngine, EngineLimits
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.errors import EngineBusyError, EngineFailedError, ModelUnavailableError

TIMEOUT_S = 30


@pytest.fixture
def runner():
    return RecordingRunner()


@pytest.fixture
def make_engine(runner):
    engines = []

    def make(
        runner_for=lambda _: runner,
        *,
        logits_budget=10**6,
        prefix_budget=10**6,
        look_ahead=None,
        clock=time.monotonic,
        **limits,
    ):
        engine = BatchingEngine(
            runner_for,
            logits_cache=LogitsCache(logits_budget),
            prefix_cache=PrefixCache(prefix_budget),
            look_ahead=look_ahead,
            limits=EngineLimits(**limits),
            clock=clock,
        )
        engines.append(engine)
        return engine

    yield make
    runner.gate.set()
    for engine in engines:
        engine.stop()
        engine.check_integrity()


def ask(engine, *token_ids, model_id="m"):
    return engine.next_logits(model_id, token_ids)


def row_of(future):
    return future.result(timeout=TIMEOUT_S).tolist()


def hold_up(engine, runner, *token_ids):
    """Let a request enter the runner and stay there until the gate is opened."""
    runner.gate.clear()
    future = ask(engine, *token_ids)
    assert runner.entered.acquire(timeout=TIMEOUT_S)
    return future


def test_a_context_s_logits_are_its_own(make_engine):
    engine = make_engine()
    assert row_of(ask(engine, 1, 2, 3)) == logits_of([1, 2, 3])


def test_a_row_cannot_be_written_to(make_engine):
    row = ask(make_engine(), 1).result(timeout=TIMEOUT_S)
    with pytest.raises(ValueError, match="read-only"):
        row[0] = 0


def test_a_repeated_context_is_not_computed_again(make_engine, runner):
    engine = make_engine()
    assert row_of(ask(engine, 1, 2)) == row_of(ask(engine, 1, 2))
    assert len(runner.batches) == 1


def test_an_appended_token_is_the_only_one_computed(make_engine, runner):
    engine = make_engine()
    row_of(ask(engine, 1, 2, 3))
    assert row_of(ask(engine, 1, 2, 3, 4)) == logits_of([1, 2, 3, 4])
    assert runner.batches[-1] == [(4,)]


def test_a_branch_leaves_the_other_branch_as_it_was(make_engine, runner):
    engine = make_engine(logits_budget=0)
    for last in (4, 5, 4, 5):
        assert row_of(ask(engine, 1, 2, 3, last)) == logits_of([1, 2, 3, last])
    assert row_of(ask(engine, 1, 2, 3, 4, 6)) == logits_of([1, 2, 3, 4, 6])
    assert runner.batches[-1] == [(6,)]


def test_the_same_context_asked_by_many_is_computed_once(make_engine, runner):
    engine = make_engine()
    first = hold_up(engine, runner, 9)
    futures = [ask(engine, 1, 2) for _ in range(20)]
    runner.gate.set()
    assert {tuple(row_of(future)) for future in futures} == {tuple(logits_of([1, 2]))}
    row_of(first)
    assert len(runner.batches) == 2


def test_all_that_wait_run_in_one_pass(make_engine, runner):
    engine = make_engine()
    hold_up(engine, runner, 9)
    futures = [ask(engine, token_id) for token_id in range(8)]
    runner.gate.set()
    for token_id, future in enumerate(futures):
        assert row_of(future) == logits_of([token_id])
    assert runner.batches[1] == [(token_id,) for token_id in range(8)]


def test_a_decode_step_waits_for_one_chunk_of_a_long_prompt_at_most(make_engine, runner):
    engine = make_engine(chunk_tokens=4)
    row_of(ask(engine, 7))
    runner.entered.acquire()
    long = hold_up(engine, runner, *range(12))
    click = ask(engine, 7, 8)
    runner.gate.set()
    assert row_of(click) == logits_of([7, 8])
    assert row_of(long) == logits_of(range(12))
    assert runner.batches[1:] == [[(0, 1, 2, 3)], [(8,), (4, 5, 6, 7)], [(8, 9, 10, 11)]]


def test_models_take_turns(make_engine, runner):
    engine = make_engine(max_batch_size=1)
    hold_up(engine, runner, 9)
    futures = [ask(engine, token_id, model_id="m") for token_id in (1, 2)]
    futures += [ask(engine, token_id, model_id="n") for token_id in (3, 4)]
    runner.gate.set()
    for future in futures:
        row_of(future)
    assert runner.batches[1:] == [[(1,)], [(3,)], [(2,)], [(4,)]]


def test_a_full_queue_refuses_one_more(make_engine, runner):
    engine = make_engine(max_waiting=2)
    hold_up(engine, runner, 9)
    waiting = [ask(engine, token_id) for token_id in (1, 2)]
    with pytest.raises(EngineBusyError):
        row_of(ask(engine, 3))
    runner.gate.set()
    assert [row_of(future) for future in waiting] == [logits_of([1]), logits_of([2])]


def test_a_request_past_its_deadline_is_refused_and_never_run(make_engine, runner):
    clock = MonotonicClock()
    engine = make_engine(timeout_s=5, clock=clock)
    first = hold_up(engine, runner, 9)
    late = ask(engine, 1)
    clock.time = 6
    runner.gate.set()
    with pytest.raises(EngineBusyError):
        row_of(late)
    assert row_of(first) == logits_of([9])
    assert runner.batches == [[(9,)]]


def test_a_request_that_nobody_waits_for_is_never_run(make_engine, runner):
    engine = make_engine()
    first = hold_up(engine, runner, 9)
    assert ask(engine, 1).cancel()
    runner.gate.set()
    row_of(first)
    row_of(ask(engine, 2))
    assert runner.batches == [[(9,)], [(2,)]]


def test_a_request_given_up_while_under_way_harms_no_other(make_engine, runner):
    engine = make_engine()
    given_up = hold_up(engine, runner, 1)
    joined = ask(engine, 1)
    assert given_up.cancel()
    runner.gate.set()
    assert row_of(joined) == logits_of([1])


def test_a_failing_pass_fails_its_own_requests_only(make_engine, runner):
    engine = make_engine()
    runner.failing = {13}
    with pytest.raises(EngineFailedError):
        row_of(ask(engine, 13))
    assert row_of(ask(engine, 1, 2)) == logits_of([1, 2])
    runner.failing = set()
    assert row_of(ask(engine, 13)) == logits_of([13])


def test_what_a_failed_pass_wrote_is_not_used(make_engine, runner):
    engine = make_engine()
    row_of(ask(engine, 1, 2))
    runner.failing = {13}
    with pytest.raises(EngineFailedError):
        row_of(ask(engine, 1, 2, 13))
    runner.failing = set()
    assert row_of(ask(engine, 1, 2, 13)) == logits_of([1, 2, 13])


def test_a_model_that_is_not_there_says_so(make_engine):
    def unavailable(model_id):
        raise ModelUnavailableError("not here")

    with pytest.raises(ModelUnavailableError, match="not here"):
        row_of(ask(make_engine(runner_for=unavailable), 1))


def test_stopping_finishes_what_is_under_way(make_engine, runner):
    engine = make_engine()
    future = hold_up(engine, runner, 1)
    runner.gate.set()
    engine.stop()
    assert row_of(future) == logits_of([1])
    assert not engine.is_alive()


def test_a_stopped_engine_starts_again_when_asked(make_engine):
    engine = make_engine()
    row_of(ask(engine, 1))
    engine.stop()
    assert row_of(ask(engine, 2)) == logits_of([2])
    assert engine.is_alive()


class FatalError(BaseException):
    """What ends a thread."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_noticed_and_started_again(make_engine, runner):
    def die(batch):
        del runner.run
        raise FatalError

    engine = make_engine()
    runner.run = die
    lost = ask(engine, 1)
    engine._thread.join(timeout=TIMEOUT_S)
    assert not engine.is_alive()
    assert row_of(ask(engine, 2)) == logits_of([2])
    with pytest.raises(EngineFailedError):
        row_of(lost)


def test_a_text_that_grows_or_shrinks_is_kept_once(make_engine, runner):
    """Looked back at, branched off, and guessed about: one buffer an ending, not one a visit."""
    engine = make_engine(prefix_budget=4 * 64 * 8, logits_budget=0)
    for length in range(2, 40):
        assert row_of(ask(engine, *range(length))) == logits_of(range(length))
        assert row_of(ask(engine, *range(length - 1))) == logits_of(range(length - 1))
    assert runner.num_tokens_run == 1 + 38 * 2
    row_of(ask(engine, 5, 6))
    row_of(ask(engine, *range(40)))
    assert runner.batches[-1] == [(39,)]


def test_a_new_text_that_begins_like_an_old_one_does_not_keep_it_alive(make_engine, runner):
    """Else a class that starts over would lose its new texts to those it has left."""
    engine = make_engine(prefix_budget=4 * 64 * 8, logits_budget=0)
    row_of(ask(engine, *range(10)))
    for last in (20, 21, 22, 23):
        row_of(ask(engine, 0, last, last, last))
    for last in (20, 21, 22, 23):
        row_of(ask(engine, 0, last, last, last, 1))
        assert runner.batches[-1] == [(1,)]


def test_a_small_budget_drops_old_prefixes_and_stays_right(make_engine, runner):
    engine = make_engine(prefix_budget=2 * 64 * 8, logits_budget=0)
    for length in range(1, 12):
        for first in (1, 2, 3):
            context = [first, *range(length)]
            assert row_of(ask(engine, *context)) == logits_of(context)


def test_a_budget_of_nothing_is_the_naive_twin(make_engine, runner):
    engine = make_engine(prefix_budget=0, chunk_tokens=2)
    row_of(ask(engine, 1, 2, 3))
    assert row_of(ask(engine, 1, 2, 3, 4)) == logits_of([1, 2, 3, 4])
    assert runner.num_tokens_run == 7


def test_an_expected_context_is_computed_before_it_is_asked_for(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=0))
    row_of(ask(engine, 1))
    runner.entered.acquire()
    engine.prefetch("m", (1, 2))
    assert runner.entered.acquire(timeout=TIMEOUT_S)
    assert row_of(ask(engine, 1, 2)) == logits_of([1, 2])
    assert len(runner.batches) == 2


def test_the_likeliest_children_are_computed_when_idle(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=2))
    row = row_of(ask(engine, 1))
    for _ in range(3):
        assert runner.entered.acquire(timeout=TIMEOUT_S)
    likeliest = np.argsort(row)[::-1][:2].tolist()
    assert runner.batches[1:] == [[(likeliest[0],)], [(likeliest[1],)]]
    child = row_of(ask(engine, 1, likeliest[0]))
    assert child == logits_of([1, likeliest[0]])


def test_a_wheel_just_passed_by_costs_nobody_a_pass(make_engine, runner):
    """On a clock that stands still, no wheel has been looked at for long enough."""
    engine = make_engine(look_ahead=LookAhead(num_children=2), clock=MonotonicClock())
    for length in range(1, 6):
        row_of(ask(engine, *range(length)))
    assert len(runner.batches) == 5


def test_what_thirty_spins_have_made_is_computed_in_one_pass(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=0))
    held_up = hold_up(engine, runner, 9)
    for token_id in range(30):
        engine.prefetch("m", (9, token_id))
    runner.gate.set()
    row_of(held_up)
    for token_id in range(30):
        assert row_of(ask(engine, 9, token_id)) == logits_of([9, token_id])
    assert runner.batches[1:] == [[(token_id,) for token_id in reversed(range(30))]]


def test_a_wheel_that_was_computed_before_it_is_looked_at_has_its_children_too(make_engine, runner):
    """As on the page: the spin makes the context known, and only then is its wheel shown."""
    engine = make_engine(look_ahead=LookAhead(num_children=1))
    engine.start()
    row_of(ask(engine, 1))
    assert runner.entered.acquire(timeout=TIMEOUT_S)
    engine.prefetch("m", (1, 2))
    assert runner.entered.acquire(timeout=TIMEOUT_S)
    row = row_of(ask(engine, 1, 2))
    assert runner.entered.acquire(timeout=TIMEOUT_S)
    assert runner.batches[-1] == [(int(np.argmax(row)),)]


def test_look_ahead_runs_only_when_no_person_waits(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=2), max_batch_size=1)
    hold_up(engine, runner, 9)
    engine.prefetch("m", (9, 5))
    futures = [ask(engine, token_id) for token_id in (1, 2)]
    runner.gate.set()
    for future in futures:
        row_of(future)
    assert runner.batches[:3] == [[(9,)], [(1,)], [(2,)]]


def test_what_is_known_is_not_looked_ahead_for(make_engine, runner):
    engine = make_engine(look_ahead=LookAhead(num_children=0))
    row_of(ask(engine, 1))
    engine.prefetch("m", (1,))
    row_of(ask(engine, 2))
    assert runner.batches == [[(1,)], [(2,)]]
