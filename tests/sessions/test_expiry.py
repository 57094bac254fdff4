from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import connections

from tests.sessions.backends import TABLE, cache_at, database_file
from tests.sessions.sessions import new_session, one_draw_more
from wheel.clock import utc_now
from wheel.errors import SessionNotFoundError
from wheel.sessions.compare_and_set import compare_and_set_for
from wheel.sessions.store import SessionStore, session_key


class CountingCache:
    """A cache that knows how often a session was written to it."""

    def __init__(self, cache):
        self._cache = cache
        self._swap = compare_and_set_for(cache)
        self.num_writes = 0

    def set(self, key, value, timeout):
        self.num_writes += 1
        self._cache.set(key, value, timeout)

    def swap(self, *arguments):
        self.num_writes += 1
        return self._swap(*arguments)

    def __getattr__(self, name):
        return getattr(self._cache, name)


@pytest.fixture
def counting(backend):
    return CountingCache(backend)


@pytest.fixture
def clocked_store(counting, clock):
    return SessionStore(counting, ttl=timedelta(hours=1), now=clock, swap=counting.swap)


@pytest.fixture
def session(clocked_store, counting, clock):
    session = new_session(now=clock())
    clocked_store.create(session)
    counting.num_writes = 0
    return session


def test_a_session_lives_for_its_time_after_the_last_use(clocked_store, clock, session):
    clock.advance(hours=1)
    clocked_store.load(session.session_id)


def test_an_unused_session_ends(clocked_store, clock, session):
    clock.advance(hours=1, minutes=1, seconds=1)
    for use in (
        clocked_store.load,
        clocked_store.delete,
        lambda _: clocked_store.replace(session, session),
    ):
        with pytest.raises(SessionNotFoundError):
            use(session.session_id)
    assert clocked_store.load_many([session.session_id]) == {}


def test_being_looked_at_keeps_a_session_alive(clocked_store, clock, session):
    for _ in range(10):
        clock.advance(minutes=59)
        clocked_store.load(session.session_id)


def test_a_look_just_before_the_end_counts_in_full(clocked_store, clock, session):
    """Its time is written at most once a minute, and that minute is never lost."""
    clock.advance(seconds=59)
    clocked_store.load(session.session_id)
    clock.advance(hours=1)
    clocked_store.load(session.session_id)


def test_a_change_keeps_a_session_alive(clocked_store, clock, session):
    for _ in range(3):
        clock.advance(minutes=59)
        session = clocked_store.replace(session, one_draw_more(session))
    assert session.last_accessed == clock()


def test_looking_writes_at_most_once_a_minute(clocked_store, counting, clock, session):
    for _ in range(60):
        clocked_store.load(session.session_id)
        clock.advance(seconds=1)
    clocked_store.load(session.session_id)
    assert counting.num_writes == 0
    for _ in range(120):
        clock.advance(seconds=1)
        clocked_store.load(session.session_id)
    assert counting.num_writes == 2


def test_a_look_says_now_whether_or_not_it_was_written(clocked_store, clock, session):
    clock.advance(seconds=5)
    assert clocked_store.load(session.session_id).last_accessed == clock()
    clock.advance(minutes=5)
    assert clocked_store.load(session.session_id).last_accessed == clock()


def test_a_look_is_no_change(clocked_store, clock, session):
    clock.advance(minutes=5)
    assert clocked_store.load(session.session_id).version == session.version
    assert clocked_store.replace(session, one_draw_more(session)) is not None


def test_listing_sessions_does_not_keep_them_alive(clocked_store, counting, clock, session):
    clock.advance(minutes=59)
    assert set(clocked_store.load_many([session.session_id])) == {session.session_id}
    assert counting.num_writes == 0
    clock.advance(minutes=3)
    assert clocked_store.load_many([session.session_id]) == {}


def test_a_short_life_slides_in_proportion(counting, clock):
    """A minute's grace on a life of one minute would double it."""
    store = SessionStore(counting, ttl=timedelta(minutes=1), now=clock, swap=counting.swap)
    session = new_session(now=clock())
    store.create(session)
    clock.advance(seconds=61)
    store.load(session.session_id)
    clock.advance(seconds=62)
    with pytest.raises(SessionNotFoundError):
        store.load(session.session_id)


def test_redis_forgets_a_session_by_itself(redis_server):
    cache = cache_at(redis_server.url)
    session = new_session()
    SessionStore(cache, ttl=timedelta(hours=1)).create(session)
    assert 3600 <= cache.ttl(session_key(session.session_id)) <= 3660


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
def test_a_text_that_nobody_asks_for_again_leaves_the_database(backend):
    """And the others stay: half of the sessions have lived too long."""
    with connections["default"].cursor() as cursor:

        def num_rows():
            cursor.execute(f"SELECT COUNT(*) FROM {TABLE}")
            return cursor.fetchone()[0]

        store = SessionStore(backend, ttl=timedelta(hours=1))
        store.create(new_session())
        SessionStore(backend, ttl=timedelta(hours=3)).create(new_session())
        store.purge()
        assert num_rows() == 2
        later = SessionStore(
            backend, ttl=timedelta(hours=1), now=lambda: utc_now() + timedelta(hours=2)
        )
        later.purge()
        assert num_rows() == 1


def test_a_text_that_has_ended_is_no_longer_in_the_file(tmp_path, django_db_blocker):
    path = tmp_path / "sessions.sqlite3"
    with database_file(path, django_db_blocker):
        backend = cache_at("db://")
        backend.set("session:1", "abc" * 3000, 3600)
        with connections["default"].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            assert holds_the_text(path)
            store = SessionStore(
                backend, ttl=timedelta(hours=1), now=lambda: utc_now() + timedelta(hours=2)
            )
            store.purge()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert not holds_the_text(path)


def holds_the_text(path):
    """Django keeps it in base64, which depends on where in three bytes a text begins."""
    content = path.read_bytes()
    return any(b64encode(part * 50) in content for part in (b"abc", b"bca", b"cab"))
