"""Expiry: a session lives for a time after its last use, on each backend."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import connections

from tests.sessions.backends import TABLE, CountingCache, cache_at, database_file
from tests.sessions.sessions import new_session, one_draw_more
from wheel.clock import utc_now
from wheel.errors import SessionNotFoundError
from wheel.sessions.store import SessionStore, session_key


@pytest.fixture
def counting(backend):
    return CountingCache(backend)


@pytest.fixture
def clocked_store(counting, clock):
    return SessionStore(
        counting, ttl=timedelta(hours=1), now=clock, compare_and_set=counting.compare_and_set
    )


@pytest.fixture
def stored(clocked_store, counting, clock):
    stored = clocked_store.create(new_session(now=clock()))
    counting.num_writes = 0
    return stored


@pytest.fixture
def session_id(stored):
    return stored.session.session_id


def test_a_session_lives_for_its_lifetime_after_the_last_use(clocked_store, clock, session_id):
    clock.advance(hours=1)
    clocked_store.load(session_id)


def test_an_unused_session_expires(clocked_store, clock, stored, session_id):
    clock.advance(hours=1, minutes=1)
    clocked_store.read(session_id)
    clock.advance(seconds=1)
    for use in (
        lambda: clocked_store.load(session_id),
        lambda: clocked_store.read(session_id),
        lambda: clocked_store.replace(stored, stored.session),
    ):
        with pytest.raises(SessionNotFoundError):
            use()
    assert clocked_store.load_many([session_id]) == {}


def test_loading_keeps_a_session_alive(clocked_store, clock, session_id):
    for _ in range(10):
        clock.advance(minutes=59)
        clocked_store.load(session_id)


def test_a_load_just_before_the_expiry_extends_it_by_the_whole_lifetime(
    clocked_store, clock, session_id
):
    """The last use is written at most once a minute, and the lifetime includes that minute."""
    clock.advance(seconds=59)
    clocked_store.load(session_id)
    clock.advance(hours=1)
    clocked_store.load(session_id)


def test_a_change_keeps_a_session_alive(clocked_store, clock, stored):
    for _ in range(3):
        clock.advance(minutes=59)
        stored = clocked_store.replace(stored, one_draw_more(stored.session))
    assert stored.session.last_accessed == clock()


def test_loading_writes_at_most_once_a_minute(clocked_store, counting, clock, session_id):
    for _ in range(60):
        clocked_store.load(session_id)
        clock.advance(seconds=1)
    clocked_store.load(session_id)
    assert counting.num_writes == 0
    for _ in range(120):
        clock.advance(seconds=1)
        clocked_store.load(session_id)
    assert counting.num_writes == 2


@pytest.mark.parametrize(("seconds", "num_writes"), [(60, 0), (60.001, 1)])
def test_a_load_writes_the_last_use_if_it_is_more_than_a_minute_old(
    clocked_store, counting, clock, session_id, seconds, num_writes
):
    clock.advance(seconds=seconds)
    clocked_store.load(session_id)
    assert counting.num_writes == num_writes


def test_a_load_returns_now_as_the_last_use_also_if_it_did_not_write_it(
    clocked_store, clock, session_id
):
    clock.advance(seconds=5)
    assert clocked_store.load(session_id).session.last_accessed == clock()
    clock.advance(minutes=5)
    assert clocked_store.load(session_id).session.last_accessed == clock()


def test_reading_does_not_keep_a_session_alive(clocked_store, counting, clock, stored, session_id):
    clock.advance(minutes=59)
    assert clocked_store.read(session_id) == stored
    assert counting.num_writes == 0
    clock.advance(minutes=3)
    with pytest.raises(SessionNotFoundError):
        clocked_store.read(session_id)


@pytest.mark.parametrize("seconds", [5, 300])
def test_a_load_leaves_the_version_and_returns_what_can_be_replaced(
    clocked_store, clock, stored, session_id, seconds
):
    clock.advance(seconds=seconds)
    loaded = clocked_store.load(session_id)
    assert loaded.session.version == stored.session.version
    assert clocked_store.replace(loaded, one_draw_more(loaded.session)) is not None


def test_a_load_that_another_write_overtakes_is_not_tried_again(counting, clock, stored):
    """The other write has extended the session's life; what was read is returned."""
    swaps = []

    def lose(*arguments):
        swaps.append(arguments)
        return False

    store = SessionStore(counting, ttl=timedelta(hours=1), now=clock, compare_and_set=lose)
    clock.advance(minutes=5)
    loaded = store.load(stored.session.session_id)
    assert (loaded.document, loaded.session.last_accessed) == (stored.document, clock())
    assert len(swaps) == 1


def test_listing_sessions_does_not_keep_them_alive(
    clocked_store, counting, clock, stored, session_id
):
    clock.advance(minutes=59)
    assert clocked_store.load_many([session_id]) == {session_id: stored}
    assert counting.num_writes == 0
    clock.advance(minutes=3)
    assert clocked_store.load_many([session_id]) == {}


def test_a_short_lifetime_has_a_short_slide_interval(counting, clock):
    """A slide interval of one minute would double a lifetime of one minute."""
    store = SessionStore(
        counting, ttl=timedelta(minutes=1), now=clock, compare_and_set=counting.compare_and_set
    )
    session = new_session(now=clock())
    store.create(session)
    clock.advance(seconds=61)
    store.load(session.session_id)
    clock.advance(seconds=62)
    with pytest.raises(SessionNotFoundError):
        store.load(session.session_id)


def test_redis_expires_a_session_by_its_own_clock(redis_server):
    cache = cache_at(redis_server.url)
    store = SessionStore(cache, ttl=timedelta(hours=1))
    stored = store.create(new_session())
    key = session_key(stored.session.session_id)
    assert 3600 <= cache.ttl(key) <= 3660
    cache.expire(key, 5)
    store.replace(stored, one_draw_more(stored.session))
    assert 3600 <= cache.ttl(key) <= 3660


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
def test_a_purge_deletes_expired_sessions_from_the_database_and_no_others(backend):
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


def test_the_text_of_a_purged_session_is_no_longer_in_the_database_file(
    tmp_path, django_db_blocker
):
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
    """Django stores it in base64, which depends on the text's offset modulo three."""
    content = path.read_bytes()
    return any(b64encode(part * 50) in content for part in (b"abc", b"bca", b"cab"))
