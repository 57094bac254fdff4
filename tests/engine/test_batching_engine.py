"""Policy of the batching engine on a recording runner: caching, single flight, order, recovery."""

import pytest

from tests.engine.bounds import BOUND_S
from tests.engine.recording_runner import ask, hold_up, logits_of, row_of
from wheel.errors import EngineFailedError


def test_the_logits_of_a_context_are_computed_from_exactly_its_tokens(make_engine):
    engine = make_engine()
    assert row_of(ask(engine, 1, 2, 3)) == logits_of([1, 2, 3])


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


def test_single_flight_computes_the_same_context_once_for_twenty_requests(make_engine, runner):
    engine = make_engine()
    first = hold_up(engine, runner, 9)
    futures = [ask(engine, 1, 2) for _ in range(20)]
    runner.gate.set()
    assert {tuple(row_of(future)) for future in futures} == {tuple(logits_of([1, 2]))}
    row_of(first)
    assert len(runner.batches) == 2


def test_all_waiting_requests_run_in_one_forward_pass(make_engine, runner):
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
    assert runner.batches[1:] == [[(0, 1, 2, 3)], [(4, 5, 6, 7), (8,)], [(8, 9, 10, 11)]]


def test_models_take_turns(make_engine, runner):
    engine = make_engine(max_batch_size=1)
    hold_up(engine, runner, 9)
    futures = [ask(engine, token_id, model_id="m") for token_id in (1, 2)]
    futures += [ask(engine, token_id, model_id="n") for token_id in (3, 4)]
    runner.gate.set()
    for future in futures:
        row_of(future)
    assert runner.batches[1:] == [[(1,)], [(3,)], [(2,)], [(4,)]]


def test_keys_and_values_of_a_failed_forward_pass_are_not_used(make_engine, runner):
    engine = make_engine()
    row_of(ask(engine, 1, 2))
    runner.failing = {13}
    with pytest.raises(EngineFailedError):
        row_of(ask(engine, 1, 2, 13))
    runner.failing = set()
    assert row_of(ask(engine, 1, 2, 13)) == logits_of([1, 2, 13])


class FatalError(BaseException):
    """Ends the thread that raises it."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_started_again_by_the_next_request(make_engine, runner):
    def die(batch):
        del runner.run
        raise FatalError

    engine = make_engine()
    runner.run = die
    lost = ask(engine, 1)
    engine._thread.join(timeout=BOUND_S)
    assert not engine.is_alive()
    assert row_of(ask(engine, 2)) == logits_of([2])
    with pytest.raises(EngineFailedError):
        row_of(lost)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_buffers_that_a_dead_thread_had_leased_are_dropped(make_engine, runner):
    def die(batch):
        del runner.run
        raise FatalError

    engine = make_engine(logits_budget=0)
    row_of(ask(engine, 1, 2))
    runner.run = die
    lost = ask(engine, 1, 2, 3)
    engine._thread.join(timeout=BOUND_S)
    assert row_of(ask(engine, 1, 2, 4)) == logits_of([1, 2, 4])
    assert runner.batches[-1] == [(1, 2, 4)]
    with pytest.raises(EngineFailedError):
        row_of(lost)


def test_a_text_that_grows_and_shrinks_has_one_buffer(make_engine, runner):
    """The longest text holds all its prefixes, so visiting a prefix again adds no buffer."""
    engine = make_engine(prefix_budget=4 * 64 * 8, logits_budget=0)
    for length in range(2, 40):
        assert row_of(ask(engine, *range(length))) == logits_of(range(length))
        assert row_of(ask(engine, *range(length - 1))) == logits_of(range(length - 1))
    assert runner.num_tokens_run == 1 + 38 * 2
    row_of(ask(engine, 5, 6))
    row_of(ask(engine, *range(40)))
    assert runner.batches[-1] == [(39,)]


def test_a_new_text_with_the_same_first_token_does_not_keep_an_old_text_alive(make_engine, runner):
    """Otherwise a class that starts over would lose its new texts to its abandoned ones."""
    engine = make_engine(prefix_budget=4 * 64 * 8, logits_budget=0)
    row_of(ask(engine, *range(10)))
    for last in (20, 21, 22, 23):
        row_of(ask(engine, 0, last, last, last))
    for last in (20, 21, 22, 23):
        row_of(ask(engine, 0, last, last, last, 1))
        assert runner.batches[-1] == [(1,)]


def test_answers_stay_exact_when_a_small_budget_evicts_prefixes(make_engine, runner):
    engine = make_engine(prefix_budget=2 * 64 * 8, logits_budget=0)
    for length in range(1, 12):
        for first in (1, 2, 3):
            context = [first, *range(length)]
            assert row_of(ask(engine, *context)) == logits_of(context)


def test_without_a_prefix_budget_every_request_is_a_full_forward_pass(make_engine, runner):
    engine = make_engine(prefix_budget=0, chunk_tokens=2)
    row_of(ask(engine, 1, 2, 3))
    assert row_of(ask(engine, 1, 2, 3, 4)) == logits_of([1, 2, 3, 4])
    assert runner.num_tokens_run == 7
