"""The order of requests: short ones first, but none waits for ever."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.recording_runner import SHAPE, RecordingRunner
from wheel.engine.contiguous_kv_buffer import ContiguousKVBuffer
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.request import InferenceRequest
from wheel.engine.scheduler import TOKENS_PER_PASS, Scheduler, Sequence

CHUNK_TOKENS = 128
MODEL = "gpt2"


def request(num_tokens, name=1):
    """Requests of different names share no token."""
    return InferenceRequest(MODEL, tuple(range(name * 10_000, name * 10_000 + num_tokens)))


def new_scheduler(**limits):
    """Nothing is known before: each token has to be computed."""

    def admit(request):
        return Sequence(request, ContiguousKVBuffer(SHAPE, capacity=1), num_computed=0)

    return Scheduler(admit, lambda request: len(request.token_ids), **limits)


def run_pass(scheduler):
    """The requests that it completes."""
    return [sequence.request for sequence in scheduler.advance(scheduler.schedule())]


def completions(scheduler, requests):
    """For each request, the number of prefill tokens computed until it is complete."""
    for one in requests:
        scheduler.add(one)
    num_tokens = 0
    done: dict[tuple[int, ...], int] = {}
    while scheduler.has_work():
        forward_pass = scheduler.schedule()
        num_tokens += forward_pass.batch.num_tokens
        done |= {
            sequence.request.token_ids: num_tokens for sequence in scheduler.advance(forward_pass)
        }
    return [done[one.token_ids] for one in requests]


def waits_in_order(lengths):
    """The same if requests are computed one after the other, as they come."""
    return [sum(lengths[: idx + 1]) for idx in range(len(lengths))]


@given(st.lists(st.integers(2, 400), min_size=1, max_size=30))
def test_every_token_is_computed_once(lengths):
    requests = [request(length, name) for name, length in enumerate(lengths)]
    assert max(completions(new_scheduler(), requests)) == sum(lengths)


@given(st.permutations([20, 30, 50, 80, 120, 330] * 5))
def test_the_median_wait_of_a_class_that_pastes_texts_of_any_length_is_halved(lengths):
    requests = [request(length, name) for name, length in enumerate(lengths)]
    waits = completions(new_scheduler(), requests)
    assert median(waits) < 0.6 * sum(lengths) / 2
    assert max(waits) == sum(lengths)


def test_with_texts_of_one_length_no_order_is_better_than_one_after_the_other():
    lengths = [330] * 30
    waits = completions(new_scheduler(), [request(330, name) for name in range(30)])
    rounded_up = CHUNK_TOKENS  # a pass ends with a part of the next text
    for wait, best in zip(sorted(waits), waits_in_order(lengths), strict=True):
        assert best <= wait < best + rounded_up


def test_a_decode_step_is_in_the_next_pass_whatever_waits():
    scheduler = new_scheduler()
    for name in range(1, 20):
        scheduler.add(request(300, name))
    run_pass(scheduler)
    step = request(1, name=50)
    scheduler.add(step)
    assert step in run_pass(scheduler)


@given(st.integers(2, 400), st.integers(2, 60))
def test_a_long_text_is_overtaken_only_by_those_that_come_soon_after_it(length, short):
    scheduler = new_scheduler(chunk_tokens=64)
    long = request(length, name=9_999)
    scheduler.add(long)
    num_passes, arrivals, overtakers = 0, {}, []
    while True:
        for idx in range(3):  # more than a pass can compute, if they are not very short
            one = request(short, name=num_passes * 3 + idx)
            arrivals[one] = num_passes
            scheduler.add(one)
        done = run_pass(scheduler)
        num_passes += 1
        if long in done:
            break
        overtakers += done
    assert all(arrivals[one] <= length // TOKENS_PER_PASS for one in overtakers)


def test_a_class_of_decode_steps_that_never_ends_leaves_a_place_for_a_text():
    scheduler = new_scheduler(max_batch_size=4)
    text = request(100, name=9_999)
    scheduler.add(text)
    for num_passes in range(1, 10):
        for idx in range(8):
            scheduler.add(request(1, name=num_passes * 8 + idx))
        if text in run_pass(scheduler):
            return
    pytest.fail("the text is never computed")


def test_the_common_beginning_of_many_texts_is_computed_for_those_of_the_first_pass_only():
    cache, runner = PrefixCache(10_000_000), RecordingRunner()

    def admit(request):
        buffer = cache.lease(MODEL, request.token_ids, runner.allocate)
        return Sequence(request, buffer, num_computed=buffer.num_tokens)

    def count_new(request):
        return len(request.token_ids) - cache.count_known(MODEL, request.token_ids[:-1])

    scheduler = Scheduler(admit, count_new, chunk_tokens=50)
    beginning = tuple(range(40))
    for name in range(10):
        scheduler.add(InferenceRequest(MODEL, (*beginning, 100 + name, 200 + name)))
    num_tokens = 0
    while scheduler.has_work():
        forward_pass = scheduler.schedule()
        num_tokens += forward_pass.batch.num_tokens
        runner.run(forward_pass.batch)
        for sequence in scheduler.advance(forward_pass):
            cache.release(MODEL, sequence.buffer, sequence.request.token_ids)
    assert num_tokens == 2 * (40 + 2) + 8 * 2


def test_no_more_texts_have_a_buffer_than_a_batch_has_places():
    num_buffers = 0

    def admit(request):
        nonlocal num_buffers
        num_buffers += 1
        return Sequence(request, ContiguousKVBuffer(SHAPE, capacity=1), num_computed=0)

    scheduler = Scheduler(admit, lambda request: len(request.token_ids), max_batch_size=3)
    for name in range(10):
        scheduler.add(request(500, name))
    scheduler.schedule()
    assert num_buffers == 1
    assert len(scheduler.waiting_requests()) == 9
