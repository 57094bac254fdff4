"""The limit of live sessions: idle ones are evicted, the least recently used first."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.services.test_session_index import drop_the_table
from tests.sessions.backends import run_at_once
from wheel import runtime, services
from wheel.clock import utc_now
from wheel.errors import SessionNotFoundError, TooManySessionsError
from wheel.models import Classroom, HeldStory, SessionIndexEntry
from wheel.services import classrooms
from wheel.sessions.store import SessionStore


@pytest.fixture
def capped(index_file, wheel_runtime):
    """A runtime with a limit of three sessions."""
    with runtime.use(replace(wheel_runtime, max_sessions=3)) as current:
        yield current


def start(store, idle_for=timedelta(0)):
    """A session last used `idle_for` ago."""
    session = services.start_session()
    used_at = utc_now() - idle_for
    store.create(replace(session, last_accessed=used_at))
    SessionIndexEntry.objects.filter(pk=session.session_id).update(last_seen=used_at)
    return session.session_id


def alive(*session_ids):
    found = services.find_sessions(session_ids=session_ids)
    return [stored.session.session_id for stored in found]


def test_the_least_recently_used_session_is_evicted(capped):
    idle = [start(capped.store, timedelta(minutes=minutes)) for minutes in (10, 30, 20)]
    new = services.start_session().session_id
    assert alive(*idle, new) == [idle[0], idle[2], new]
    assert SessionIndexEntry.objects.count() == 3


def test_below_the_limit_no_session_is_evicted(capped):
    idle = start(capped.store, timedelta(minutes=50))
    start(capped.store)
    new = services.start_session().session_id
    assert alive(idle, new) == [idle, new]


def test_a_start_is_refused_while_all_sessions_are_in_use(capped):
    used = [start(capped.store, timedelta(minutes=minutes)) for minutes in (0, 1, 4)]
    with pytest.raises(TooManySessionsError) as error:
        services.start_session()
    assert error.value.retry_after_s >= 1
    assert alive(*used) == used


def test_a_session_whose_row_shows_a_recent_use_is_not_looked_at(capped):
    used = [start(capped.store, timedelta(minutes=minutes)) for minutes in (0, 1, 4)]
    rows = list(SessionIndexEntry.objects.order_by("pk").values())
    with pytest.raises(TooManySessionsError):
        services.start_session()
    assert list(SessionIndexEntry.objects.order_by("pk").values()) == rows
    assert alive(*used) == used


def test_a_session_in_use_with_an_outdated_row_is_not_evicted(capped):
    """Rows lag behind; the session in the store decides."""
    used, idle = start(capped.store), start(capped.store, timedelta(minutes=20))
    SessionIndexEntry.objects.filter(pk=used).update(last_seen=utc_now() - timedelta(minutes=40))
    start(capped.store)
    services.start_session()
    assert alive(used, idle) == [used]


def test_expired_sessions_do_not_count(capped):
    for minutes in (61, 70, 80):
        start(capped.store, timedelta(minutes=minutes))
    services.start_session()


def test_the_row_of_a_deleted_session_is_evicted_too(capped):
    gone = start(capped.store, timedelta(minutes=20))
    capped.store.delete(capped.store.read(gone))
    used = [start(capped.store) for _ in range(2)]
    services.start_session()
    assert alive(*used) == used
    with pytest.raises(SessionNotFoundError):
        services.get_session(session_id=gone)


@pytest.mark.parametrize(("seconds", "is_evicted"), [(299, False), (301, True)])
def test_a_session_is_idle_five_minutes_after_its_last_use(capped, seconds, is_evicted):
    candidate = start(capped.store, timedelta(seconds=seconds))
    used = [start(capped.store) for _ in range(2)]
    if is_evicted:
        services.start_session()
        assert alive(candidate, *used) == used
    else:
        with pytest.raises(TooManySessionsError):
            services.start_session()
        assert alive(candidate) == [candidate]


@pytest.mark.parametrize(
    ("last_used", "is_evicted"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=5) - timedelta(microseconds=1), False),
    ],
)
def test_a_session_is_evicted_from_five_minutes_after_its_last_use_exactly(
    capped, clock, last_used, is_evicted
):
    """Its row is outdated; the session in the store decides."""
    store = SessionStore(caches["default"], ttl=capped.store.ttl, now=clock)
    with runtime.use(replace(capped, store=store)):
        candidate = services.start_session().session_id
        for _ in range(2):
            services.start_session()
        SessionIndexEntry.objects.filter(pk=candidate).update(
            last_seen=clock() - timedelta(minutes=1)
        )
        clock.time += last_used
        in_use = SessionIndexEntry.objects.exclude(pk=candidate)
        in_use.update(last_seen=clock())
        if is_evicted:
            services.start_session()
        else:
            with pytest.raises(TooManySessionsError):
                services.start_session()
        assert bool(alive(candidate)) != is_evicted


def test_a_session_found_in_use_has_its_row_brought_up_to_date(capped):
    used = start(capped.store)
    outdated = utc_now() - timedelta(minutes=40)
    SessionIndexEntry.objects.filter(pk=used).update(last_seen=outdated)
    for _ in range(2):
        start(capped.store)
    with pytest.raises(TooManySessionsError):
        services.start_session()
    assert SessionIndexEntry.objects.get(pk=used).last_seen > outdated
    assert alive(used) == [used]


@pytest.fixture
def classroom(capped):
    return Classroom.objects.create(title="4b", prompt="The cat")


def join(classroom, store, idle_for=timedelta(0)):
    """A member whose session was last used `idle_for` ago."""
    session = classrooms.add_member(classroom).session
    used_at = utc_now() - idle_for
    store.create(replace(session, last_accessed=used_at))
    SessionIndexEntry.objects.filter(pk=session.session_id).update(last_seen=used_at)
    return session.session_id


def test_sessions_of_a_class_are_not_evicted_however_long_they_listen(capped, classroom):
    members = [join(classroom, capped.store, timedelta(minutes=minutes)) for minutes in (50, 40)]
    own = start(capped.store, timedelta(minutes=10))
    new = services.start_session().session_id
    assert alive(*members, own, new) == [*members, new]
    assert classroom.members.count() == 2


@pytest.mark.parametrize("idle_for", [timedelta(minutes=10), timedelta(days=2)])
def test_sessions_of_a_class_count_until_it_expires(capped, classroom, idle_for):
    members = [join(classroom, capped.store, idle_for) for _ in range(3)]
    with pytest.raises(TooManySessionsError):
        services.start_session()
    with pytest.raises(TooManySessionsError):
        classrooms.add_member(classroom)
    assert alive(*members) == members


def test_a_member_of_an_expired_class_is_evicted_as_if_it_had_left(capped, classroom):
    member = join(classroom, capped.store, timedelta(minutes=10))
    classrooms.hold_stories(classroom, [classroom.members.get().pk])
    held_id = str(HeldStory.objects.get().session_id)
    Classroom.objects.update(expires_at=utc_now() - timedelta(seconds=1))
    before = Classroom.objects.get().version
    for _ in range(3):
        services.start_session()
    assert alive(member, held_id) == []
    assert not classroom.members.exists()
    assert not HeldStory.objects.exists()
    assert Classroom.objects.get().version > before


class OvertakenStore(SessionStore):
    """A store in which each session is used just before it would be deleted."""

    def delete(self, stored):
        self.replace(stored, stored.session)
        return super().delete(stored)


def test_a_session_used_while_it_is_being_evicted_stays(capped):
    idle = start(capped.store, timedelta(minutes=20))
    for _ in range(2):
        start(capped.store)
    store = OvertakenStore(caches["default"], ttl=capped.store.ttl)
    with runtime.use(replace(capped, store=store)), pytest.raises(TooManySessionsError):
        services.start_session()
    assert alive(idle) == [idle]


def test_a_hundredth_of_the_sessions_is_evicted_at_once(index_file, wheel_runtime):
    idle = [start(wheel_runtime.store, timedelta(minutes=59 - i / 10)) for i in range(200)]
    with runtime.use(replace(wheel_runtime, max_sessions=200)):
        services.start_session()
    assert alive(*idle) == idle[2:]


def test_without_the_index_table_sessions_still_start(capped):
    drop_the_table()
    for _ in range(5):
        services.start_session()


def test_without_a_limit_every_session_starts(index_file, wheel_runtime):
    for _ in range(5):
        services.start_session()
    assert SessionIndexEntry.objects.count() == 5


def test_concurrent_starts_all_find_room_by_evicting_idle_sessions(capped):
    for minutes in (10, 20, 30):
        start(capped.store, timedelta(minutes=minutes))
    started = run_at_once([partial(services.start_session)] * 3)
    assert len(alive(*(session.session_id for session in started))) == 3
    assert SessionIndexEntry.objects.count() <= 6
