"""A store that is down says so; it never says that a session does not exist."""

import sqlite3
from datetime import timedelta

import pytest
from django.db import connections

from tests.redis_server import running_redis
from tests.store.backends import TABLE, cache_at, database_file
from tests.store.sessions import new_session, one_draw_more
from wheel.errors import StoreUnavailableError
from wheel.store import SessionStore

USES = {
    "create": lambda store, session: store.create(one_draw_more(session)),
    "load": lambda store, session: store.load(session.session_id),
    "load many": lambda store, session: store.load_many([session.session_id]),
    "replace": lambda store, session: store.replace(session, session),
    "delete": lambda store, session: store.delete(session.session_id),
    "ping": lambda store, _: store.ping(),
}
every_use = pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
every_write = pytest.mark.parametrize(
    "use", [USES["create"], USES["replace"], USES["delete"]], ids=["create", "replace", "delete"]
)


def store_on(cache):
    return SessionStore(cache, ttl=timedelta(hours=1), lock_timeout_s=0.2)


@pytest.fixture
def own_redis(tmp_path):
    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
def sqlite_path(tmp_path, django_db_blocker):
    path = tmp_path / "sessions.sqlite3"
    with database_file(path, django_db_blocker, timeout=0.05):
        yield path


@every_use
def test_a_redis_that_was_killed(own_redis, use):
    store, session = store_on(cache_at(own_redis.url)), new_session()
    store.create(session)
    own_redis.kill()
    with pytest.raises(StoreUnavailableError):
        use(store, session)


@every_use
def test_a_redis_that_was_never_there(use):
    with pytest.raises(StoreUnavailableError):
        use(store_on(cache_at("redis://127.0.0.1:1/0")), new_session())


@pytest.mark.timeout(60)
def test_a_redis_that_is_frozen_ends_in_a_timeout_and_comes_back(own_redis):
    store = store_on(cache_at(own_redis.url, SOCKET_TIMEOUT=0.2, SOCKET_CONNECT_TIMEOUT=0.2))
    session = new_session()
    store.create(session)
    own_redis.freeze()
    for use in USES.values():
        with pytest.raises(StoreUnavailableError):
            use(store, session)
    own_redis.thaw()
    assert store.load(session.session_id).session_id == session.session_id


def test_redis_is_never_waited_for_without_end():
    cache = cache_at("redis://127.0.0.1:1/0")
    options = cache._params["OPTIONS"]
    assert 0 < options["SOCKET_TIMEOUT"] <= 5
    assert 0 < options["SOCKET_CONNECT_TIMEOUT"] <= 5


@every_use
def test_a_database_without_its_table(sqlite_path, use):
    store, session = store_on(cache_at("db://")), new_session()
    store.create(session)
    with connections["default"].cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")
    with pytest.raises(StoreUnavailableError):
        use(store, session)


@every_write
def test_a_database_that_another_process_keeps_locked(sqlite_path, use):
    """Django's database cache drops such a write without a word."""
    store, session = store_on(cache_at("db://")), new_session()
    store.create(session)
    other_process = sqlite3.connect(sqlite_path, isolation_level=None)
    other_process.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError):
        use(store, session)
    other_process.execute("ROLLBACK")
    other_process.close()
    assert store.load(session.session_id).version == session.version
    assert store.replace(session, one_draw_more(session)).num_draws == 1


def test_a_locked_database_can_still_be_read(sqlite_path):
    store, session = store_on(cache_at("db://")), new_session()
    store.create(session)
    other_process = sqlite3.connect(sqlite_path, isolation_level=None)
    other_process.execute("BEGIN IMMEDIATE")
    assert store.load(session.session_id).session_id == session.session_id
    other_process.close()


class DeafCache:
    """Says yes to every session and keeps none."""

    def __init__(self, cache):
        self._cache = cache

    def set(self, key, value, timeout):
        if not key.startswith("session:"):
            self._cache.set(key, value, timeout)

    def __getattr__(self, name):
        return getattr(self._cache, name)


def test_a_write_that_fails_without_a_word_is_noticed(backend):
    session = new_session()
    store_on(backend).create(session)
    deaf = store_on(DeafCache(backend))
    with pytest.raises(StoreUnavailableError):
        deaf.create(new_session())
    with pytest.raises(StoreUnavailableError):
        deaf.replace(session, one_draw_more(session))
    assert store_on(backend).load(session.session_id).num_draws == 0


def test_the_database_is_a_real_file_that_readers_and_a_writer_share(sqlite_path):
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
    assert sqlite_path.stat().st_size > 0
