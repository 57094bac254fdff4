"""The inbox by itself: single flight, admission, and races between clients and the worker."""

import threading

import numpy as np
import pytest

from tests.clock import MonotonicClock
from tests.engine.bounds import BOUND_S
from wheel.engine.inbox import MAX_HINTS, Inbox
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import Hint
from wheel.engine.request import InferenceRequest
from wheel.engine.statistics import StatisticsRecorder
from wheel.errors import EngineBusyError, EngineFailedError

KEY = ("m", (1, 2))
ROW = np.zeros(4, dtype=np.float32)


def make_inbox(*, takes_hints=True, max_waiting=2):
    return Inbox(
        LogitsCache(10**6),
        StatisticsRecorder(),
        max_waiting=max_waiting,
        timeout_s=5,
        takes_hints=takes_hints,
        clock=MonotonicClock(),
    )


@pytest.fixture
def inbox():
    return make_inbox()


def test_mail_holds_everything_that_has_arrived_once(inbox):
    inbox.submit(KEY)
    inbox.add_hint(Hint(("m", (5,)), is_prefetch=True))
    contents = inbox.take(0)
    assert [request.key for request in contents.requests] == [KEY]
    assert [(hint.key, hint.is_prefetch) for hint in contents.hints] == [
        (KEY, False),
        (("m", (5,)), True),
    ]
    again = inbox.take(0)
    assert (again.requests, again.hints, again.is_closing) == ([], [], False)


@pytest.mark.parametrize("wake", [lambda i: i.submit(KEY), lambda i: i.close()])
def test_the_waiting_worker_is_woken_by_a_request_and_by_closing(inbox, wake):
    taken = []
    worker = threading.Thread(target=lambda: taken.append(inbox.take(BOUND_S)))
    worker.start()
    wake(inbox)
    worker.join(BOUND_S)
    assert not worker.is_alive()
    assert len(taken) == 1


def test_a_cancelled_request_that_another_client_joins_is_not_refused(inbox):
    assert inbox.submit(KEY).cancel()
    requests = inbox.take(0).requests
    assert requests[0].is_obsolete(now=0)
    joined = inbox.submit(KEY)
    assert inbox.refuse_obsolete(requests, now=0) == []
    inbox.complete(requests[0], ROW)
    assert joined.result(0) is ROW


def test_a_request_may_wait_as_long_as_the_timeout_and_no_longer(inbox):
    inbox.submit(KEY)
    (request,) = inbox.take(0).requests
    assert not request.is_obsolete(now=5)
    assert request.is_obsolete(now=5.1)


def test_look_ahead_leaves_out_contexts_that_clients_have_asked_for_meanwhile(inbox):
    future = inbox.submit(KEY)
    other = InferenceRequest("m", (7,), is_look_ahead=True)
    same = InferenceRequest(*KEY, is_look_ahead=True)
    assert inbox.add_look_ahead([same, other]) == [other]
    inbox.complete(inbox.take(0).requests[0], ROW)
    assert future.result(0) is ROW


def test_a_client_joins_look_ahead_under_way(inbox):
    request = InferenceRequest(*KEY, is_look_ahead=True)
    inbox.add_look_ahead([request])
    future = inbox.submit(KEY)
    assert inbox.take(0).requests == []
    inbox.complete(request, ROW)
    assert future.result(0) is ROW
    assert inbox.submit(KEY).result(0) is ROW


def test_a_context_is_known_while_it_is_under_way_and_once_it_is_cached(inbox):
    assert not inbox.is_known(KEY)
    inbox.submit(KEY)
    assert inbox.is_known(KEY)
    inbox.complete(inbox.take(0).requests[0], ROW)
    assert inbox.is_known(KEY)


def test_a_request_that_is_taken_up_makes_room_in_the_queue():
    inbox = make_inbox(max_waiting=1)
    inbox.submit(KEY)
    with pytest.raises(EngineBusyError):
        inbox.submit(("m", (3,))).result(0)
    inbox.mark_admitted(inbox.take(0).requests[0])
    assert inbox.statistics().num_waiting == 0
    inbox.submit(("m", (3,)))
    assert inbox.statistics().num_waiting == 1


def test_only_the_newest_hints_are_kept(inbox):
    for token_id in range(MAX_HINTS + 5):
        inbox.add_hint(Hint(("m", (token_id,))))
    hints = inbox.take(0).hints
    assert [hint.key[1][0] for hint in hints] == list(range(5, MAX_HINTS + 5))


def test_without_look_ahead_no_hints_are_kept():
    inbox = make_inbox(takes_hints=False)
    inbox.add_hint(Hint(KEY, is_prefetch=True))
    inbox.submit(KEY)
    assert inbox.take(0).hints == []


def test_a_known_context_is_a_hint_with_its_row(inbox):
    inbox.submit(KEY)
    inbox.complete(inbox.take(0).requests[0], ROW)
    inbox.submit(KEY)
    assert [hint.row is ROW for hint in inbox.take(0).hints] == [True]


def test_a_closed_inbox_refuses_requests_but_answers_known_contexts(inbox):
    inbox.submit(KEY)
    inbox.complete(inbox.take(0).requests[0], ROW)
    waiting = inbox.submit(("m", (3,)))
    inbox.close()
    for future in (waiting, inbox.submit(("m", (4,)))):
        with pytest.raises(EngineBusyError):
            future.result(0)
    assert inbox.submit(KEY).result(0) is ROW
    assert inbox.take(None).is_closing
    inbox.check_integrity()


def test_opening_fails_the_requests_that_a_dead_thread_left_behind(inbox):
    taken = inbox.submit(KEY)
    inbox.take(0)
    not_taken = inbox.submit(("m", (3,)))
    inbox.open()
    for future in (taken, not_taken):
        with pytest.raises(EngineFailedError):
            future.result(0)
    assert inbox.take(0).requests == []
    inbox.check_integrity()
