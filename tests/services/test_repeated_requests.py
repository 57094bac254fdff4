"""Requests with an idempotency key on every store: many at once, and after a restart."""

from dataclasses import replace
from functools import partial

import pytest

from tests.sessions.backends import run_at_once
from wheel import runtime, services
from wheel.sessions.store import SessionStore

NUM_THREADS = 10


@pytest.fixture
def session_id(shared_runtime):
    return services.start_text(prompt="The cat sat").session_id


def history_of(session_id):
    return services.get_session(session_id=session_id).session.history


def values(change):
    """What an answer is made of."""
    after = change.after.session
    return (
        change.before.current_text,
        change.after.current_text,
        after.history,
        after.rev,
        change.chosen,
        change.other,
    )


@pytest.mark.parametrize(
    "request_again",
    [services.spin, partial(services.append_token, from_other=True)],
    ids=["spin", "append"],
)
def test_equal_requests_of_many_threads_make_one_change(session_id, request_again):
    spin = partial(request_again, session_id=session_id, idempotency_key="a")
    first, *others = [values(change) for change in run_at_once([spin] * NUM_THREADS)]
    assert others == [first] * (NUM_THREADS - 1)
    assert len(history_of(session_id)) == 1


def test_of_many_keys_sent_twice_each_at_once_every_key_makes_one_change(session_id):
    spins = [
        partial(services.spin, session_id=session_id, idempotency_key=str(number % 5))
        for number in range(10)
    ]
    answers = [values(change) for change in run_at_once(spins)]
    assert answers[:5] == answers[5:]
    assert len(history_of(session_id)) == 5


def test_a_key_survives_a_restart(shared_runtime, session_id):
    spin = partial(services.spin, session_id=session_id, u=0.99, idempotency_key="a")
    first = spin()
    store = SessionStore(shared_runtime.store._cache, ttl=shared_runtime.store.ttl)
    with runtime.use(replace(shared_runtime, store=store)):
        assert values(spin()) == values(first)
    assert len(history_of(session_id)) == 1


def test_a_past_state_cannot_overwrite_the_present_one(session_id):
    spin = partial(services.spin, session_id=session_id, idempotency_key="a")
    spin()
    services.spin(session_id=session_id)
    past = spin().after.stored
    assert runtime.current().store.replace(past, past.session) is None
    assert len(history_of(session_id)) == 2
