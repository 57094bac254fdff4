"""At the cap, the longest idle make room, and never one that is in use."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.services.test_session_index import drop_the_table
from tests.sessions.backends import run_at_once
from wheel import runtime, services
from wheel.clock import utc_now
from wheel.errors import SessionNotFoundError, TooManySessionsError
from wheel.models import SessionIndexEntry


@pytest.fixture
def capped(index_file, wheel_runtime):
    """A server with room for three."""
    with runtime.use(replace(wheel_runtime, max_sessions=3)) as current:
        yield current


def start(store, idle_for=timedelta(0)):
    """A session that was last used so long ago."""
    session = services.start_session()
    used_at = utc_now() - idle_for
    store.create(replace(session, last_accessed=used_at))
    SessionIndexEntry.objects.filter(pk=session.session_id).update(last_seen=used_at)
    return session.session_id


def alive(*session_ids):
    found = services.find_sessions(session_ids=session_ids)
    return [stored.session.session_id for stored in found]


def test_the_longest_idle_makes_room(capped):
    idle = [start(capped.store, timedelta(minutes=minutes)) for minutes in (10, 30, 20)]
    new = services.start_session().session_id
    assert alive(*idle, new) == [idle[0], idle[2], new]
    assert SessionIndexEntry.objects.count() == 3


def test_below_the_cap_nobody_goes(capped):
    idle = start(capped.store, timedelta(minutes=50))
    start(capped.store)
    new = services.start_session().session_id
    assert alive(idle, new) == [idle, new]


def test_where_all_are_in_use_the_newcomer_has_to_wait(capped):
    used = [start(capped.store, timedelta(minutes=minutes)) for minutes in (0, 1, 4)]
    with pytest.raises(TooManySessionsError) as error:
        services.start_session()
    assert error.value.retry_after_s >= 1
    assert alive(*used) == used


def test_one_that_is_used_although_its_row_says_otherwise_stays(capped):
    """A row lags behind: the session itself is asked."""
    used, idle = start(capped.store), start(capped.store, timedelta(minutes=20))
    SessionIndexEntry.objects.filter(pk=used).update(last_seen=utc_now() - timedelta(minutes=40))
    start(capped.store)
    services.start_session()
    assert alive(used, idle) == [used]


def test_sessions_that_have_ended_take_no_place(capped):
    for minutes in (61, 70, 80):
        start(capped.store, timedelta(minutes=minutes))
    services.start_session()


def test_a_row_whose_session_is_gone_makes_room_too(capped):
    gone = start(capped.store, timedelta(minutes=20))
    capped.store.delete(capped.store.read(gone))
    used = [start(capped.store) for _ in range(2)]
    services.start_session()
    assert alive(*used) == used
    with pytest.raises(SessionNotFoundError):
        services.get_session(session_id=gone)


def test_a_database_that_does_not_answer_keeps_nobody_out(capped):
    drop_the_table()
    for _ in range(5):
        services.start_session()


def test_without_a_cap_anybody_may_start(index_file, wheel_runtime):
    for _ in range(5):
        services.start_session()
    assert SessionIndexEntry.objects.count() == 5


def test_many_who_start_at_once_all_find_room_among_the_idle(capped):
    for minutes in (10, 20, 30):
        start(capped.store, timedelta(minutes=minutes))
    started = run_at_once([partial(services.start_session)] * 3)
    assert len(alive(*(session.session_id for session in started))) == 3
    assert SessionIndexEntry.objects.count() <= 6
