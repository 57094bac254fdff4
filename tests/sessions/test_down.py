"""A backend that is down: `StoreUnavailableError`, and never `SessionNotFoundError`."""

import sqlite3
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial

import psycopg
import pytest
import redis
from django.db import connections

from tests.postgres_server import running_postgres
from tests.redis_server import running_redis
from tests.sessions.backends import (
    TABLE,
    cache_at,
    database_file,
    postgres_database,
    run_at_once,
)
from tests.sessions.sessions import new_session, one_draw_more
from wheel.errors import StoreUnavailableError
from wheel.sessions.document import session_to_json
from wheel.sessions.store import SessionStore, StoredSession

USES = {
    "create": lambda store, stored: store.create(one_draw_more(stored.session)),
    "read": lambda store, stored: store.read(stored.session.session_id),
    "load": lambda store, stored: store.load(stored.session.session_id),
    "load many": lambda store, stored: store.load_many([stored.session.session_id]),
    "replace": lambda store, stored: store.replace(stored, stored.session),
    "delete": lambda store, stored: store.delete(stored),
    "ping": lambda store, _: store.ping(),
}
LONGEST_WAIT_S = 3
every_use = pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
every_write = pytest.mark.parametrize(
    "use", [USES["create"], USES["replace"], USES["delete"]], ids=["create", "replace", "delete"]
)


def store_on(cache):
    return SessionStore(cache, ttl=timedelta(hours=1))


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
def test_a_killed_redis_is_unavailable(own_redis, use):
    store = store_on(cache_at(own_redis.url))
    stored = store.create(new_session())
    own_redis.kill()
    with pytest.raises(StoreUnavailableError):
        use(store, stored)


@every_use
def test_a_redis_that_never_ran_is_unavailable(use):
    session = new_session()
    stored = StoredSession(session, session_to_json(session))
    with pytest.raises(StoreUnavailableError):
        use(store_on(cache_at("redis://127.0.0.1:1/0")), stored)


@pytest.mark.timeout(60)
def test_a_frozen_redis_ends_in_a_timeout_and_is_used_again_once_it_runs(own_redis):
    store = store_on(cache_at(own_redis.url))
    stored = store.create(new_session())
    own_redis.freeze()
    assert_fails_in_time(store, stored)
    own_redis.thaw()
    assert_comes_back(store, stored)


@pytest.mark.timeout(60)
def test_a_restarted_redis_is_used_again(own_redis, tmp_path):
    store = store_on(cache_at(own_redis.url))
    stored = store.create(new_session())
    own_redis.kill()
    assert_fails_in_time(store, stored)
    with running_redis(tmp_path, port=own_redis.port):
        store.create(stored.session)
        assert store.read(stored.session.session_id) == stored


def test_a_read_only_redis_is_unavailable_for_writes_and_pings(own_redis):
    store = store_on(cache_at(own_redis.url))
    stored = store.create(new_session())
    with redis.Redis.from_url(own_redis.url) as client:
        client.replicaof("127.0.0.1", 1)  # as after a failover: it only reads from now on
        for name in ("create", "replace", "delete", "ping"):
            with pytest.raises(StoreUnavailableError):
                USES[name](store, stored)
        client.replicaof("NO", "ONE")
    assert store.replace(stored, one_draw_more(stored.session)).session.num_draws == 1


@pytest.fixture
def own_postgres(tmp_path, django_db_blocker):
    with running_postgres(tmp_path) as server, postgres_database(server.url, django_db_blocker):
        yield server
        server.thaw()


@pytest.mark.timeout(120)
def test_a_frozen_postgres_ends_in_a_timeout_and_is_used_again_once_it_runs(own_postgres):
    store = store_on(cache_at("db://"))
    stored = store.create(new_session())
    own_postgres.freeze()
    assert_fails_in_time(store, stored)
    own_postgres.thaw()
    assert_comes_back(store, stored)


@pytest.mark.timeout(120)
def test_a_frozen_postgres_delays_no_thread_for_long_also_while_it_connects(own_postgres):
    """Each thread has to open a connection of its own."""
    store = store_on(cache_at("db://"))
    stored = store.create(new_session())
    own_postgres.freeze()
    started = time.monotonic()
    answers = run_at_once([partial(fails, store, stored, use) for use in USES.values()] * 3)
    assert all(answers)
    assert time.monotonic() - started < LONGEST_WAIT_S
    own_postgres.thaw()
    assert_comes_back(store, stored)


@pytest.mark.timeout(120)
def test_a_killed_postgres_is_unavailable_until_it_has_been_restarted(own_postgres):
    store = store_on(cache_at("db://"))
    stored = store.create(new_session())
    own_postgres.kill()
    assert_fails_in_time(store, stored)
    own_postgres.start()
    assert_comes_back(store, stored)


def test_a_table_locked_in_postgres_ends_in_a_timeout(own_postgres):
    store = store_on(cache_at("db://"))
    stored = store.create(new_session())
    with psycopg.connect(own_postgres.url) as other_client:
        other_client.execute(f"LOCK TABLE {TABLE} IN EXCLUSIVE MODE")
        started = time.monotonic()
        assert fails(store, stored, USES["replace"])
        assert time.monotonic() - started < LONGEST_WAIT_S
    assert_comes_back(store, stored)


def fails(store, stored, use):
    try:
        use(store, stored)
    except StoreUnavailableError:
        return True
    return False


def assert_fails_in_time(store, stored):
    """Assert that each use of the store fails, and soon."""
    for use in USES.values():
        started = time.monotonic()
        assert fails(store, stored, use)
        assert time.monotonic() - started < LONGEST_WAIT_S


def assert_comes_back(store, stored):
    """The store works again by itself within seconds, with the sessions it held."""
    give_up_at = time.monotonic() + 10
    while fails(store, stored, USES["ping"]):
        assert time.monotonic() < give_up_at
        if connections["default"].vendor == "postgresql":
            connections["default"].close_if_unusable_or_obsolete()  # as between two requests
        time.sleep(0.05)
    loaded = store.load(stored.session.session_id)
    assert loaded.session.version == stored.session.version
    assert store.replace(loaded, one_draw_more(stored.session)).session.num_draws == 1


@every_use
def test_a_database_without_its_table_is_unavailable(sqlite_path, use):
    store = store_on(cache_at("db://"))
    stored = store.create(new_session())
    with connections["default"].cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")
    with pytest.raises(StoreUnavailableError):
        use(store, stored)


@every_write
def test_a_write_to_a_database_locked_by_another_process_is_reported(sqlite_path, use):
    """Django's database cache drops such a write without an error."""
    store = store_on(cache_at("db://"))
    stored = store.create(new_session())
    other_process = sqlite3.connect(sqlite_path, isolation_level=None)
    other_process.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError):
        use(store, stored)
    other_process.execute("ROLLBACK")
    other_process.close()
    assert store.load(stored.session.session_id).session.version == stored.session.version
    assert store.replace(stored, one_draw_more(stored.session)).session.num_draws == 1


def test_a_locked_database_can_still_be_read(sqlite_path):
    store = store_on(cache_at("db://"))
    stored = store.create(new_session())
    other_process = sqlite3.connect(sqlite_path, isolation_level=None)
    other_process.execute("BEGIN IMMEDIATE")
    loaded = store.load(stored.session.session_id).session
    assert replace(loaded, last_accessed=stored.session.last_accessed) == stored.session
    other_process.close()


def keep_nothing(*arguments, **options):
    """Accept a write and drop it."""


def test_a_create_or_ping_that_the_backend_drops_is_reported(monkeypatch, backend):
    store = store_on(backend)
    monkeypatch.setattr(backend, "set", keep_nothing)
    with pytest.raises(StoreUnavailableError):
        store.create(new_session())
    with pytest.raises(StoreUnavailableError):
        store.ping()


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
def test_a_change_that_the_backend_drops_is_reported(monkeypatch, backend):
    store = store_on(backend)
    stored = store.create(new_session())
    with monkeypatch.context() as patch:
        patch.setattr(backend, "set", keep_nothing)
        with pytest.raises(StoreUnavailableError):
            store.replace(stored, one_draw_more(stored.session))
    assert store.load(stored.session.session_id).session.num_draws == 0


def test_the_embedded_database_is_a_file_in_wal_mode(sqlite_path):
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
    assert sqlite_path.stat().st_size > 0
