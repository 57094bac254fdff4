"""A store that is down says so; it never says that a session does not exist."""

import sqlite3
import time
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
from wheel.sessions.store import SessionStore

USES = {
    "create": lambda store, session: store.create(one_draw_more(session)),
    "load": lambda store, session: store.load(session.session_id),
    "load many": lambda store, session: store.load_many([session.session_id]),
    "replace": lambda store, session: store.replace(session, session),
    "delete": lambda store, session: store.delete(session.session_id),
    "ping": lambda store, _: store.ping(),
}
LONGEST_WAIT_S = 3
every_use = pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
every_write = pytest.mark.parametrize(
    "use", [USES["create"], USES["replace"], USES["delete"]], ids=["create", "replace", "delete"]
)


def store_on(cache):
    return SessionStore(cache, ttl=timedelta(hours=1), patience_s=0.2)


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
    store, session = store_on(cache_at(own_redis.url)), new_session()
    store.create(session)
    own_redis.freeze()
    fails_in_time(store, session)
    own_redis.thaw()
    comes_back(store, session)


@pytest.mark.timeout(60)
def test_a_redis_that_was_started_again_is_simply_used(own_redis, tmp_path):
    store, session = store_on(cache_at(own_redis.url)), new_session()
    store.create(session)
    own_redis.kill()
    fails_in_time(store, session)
    with running_redis(tmp_path, port=own_redis.port):
        store.create(session)
        assert store.load(session.session_id).session_id == session.session_id


def test_a_redis_that_may_not_write_says_so_at_a_ping_too(own_redis):
    store, session = store_on(cache_at(own_redis.url)), new_session()
    store.create(session)
    with redis.Redis.from_url(own_redis.url) as client:
        client.replicaof("127.0.0.1", 1)  # as after a failover: it only reads from now on
        for name in ("create", "replace", "delete", "ping"):
            with pytest.raises(StoreUnavailableError):
                USES[name](store, session)
        client.replicaof("NO", "ONE")
    assert store.replace(session, one_draw_more(session)).num_draws == 1


@pytest.fixture
def own_postgres(tmp_path, django_db_blocker):
    with running_postgres(tmp_path) as server, postgres_database(server.url, django_db_blocker):
        yield server
        server.thaw()


@pytest.mark.timeout(120)
def test_a_postgres_that_is_frozen_ends_in_a_timeout_and_comes_back(own_postgres):
    store, session = store_on(cache_at("db://")), new_session()
    store.create(session)
    own_postgres.freeze()
    fails_in_time(store, session)
    own_postgres.thaw()
    comes_back(store, session)


@pytest.mark.timeout(120)
def test_a_frozen_postgres_lets_nobody_wait_who_has_never_asked_it_either(own_postgres):
    """Connecting, and a connection that was kept by another thread."""
    store, session = store_on(cache_at("db://")), new_session()
    store.create(session)
    own_postgres.freeze()
    started = time.monotonic()
    answers = run_at_once([partial(fails, store, session, use) for use in USES.values()] * 3)
    assert all(answers)
    assert time.monotonic() - started < LONGEST_WAIT_S
    own_postgres.thaw()
    comes_back(store, session)


@pytest.mark.timeout(120)
def test_a_postgres_that_was_killed_and_started_again(own_postgres):
    store, session = store_on(cache_at("db://")), new_session()
    store.create(session)
    own_postgres.kill()
    fails_in_time(store, session)
    own_postgres.start()
    comes_back(store, session)


def test_a_row_that_somebody_keeps_locked_in_postgres_ends_in_a_timeout(own_postgres):
    store, session = store_on(cache_at("db://")), new_session()
    store.create(session)
    with psycopg.connect(own_postgres.url) as somebody_else:
        somebody_else.execute(f"LOCK TABLE {TABLE} IN EXCLUSIVE MODE")
        started = time.monotonic()
        assert fails(store, session, USES["replace"])
        assert time.monotonic() - started < LONGEST_WAIT_S
    comes_back(store, session)


def fails(store, session, use):
    try:
        use(store, session)
    except StoreUnavailableError:
        return True
    return False


def fails_in_time(store, session):
    """Every use of it, each on its own."""
    for use in USES.values():
        started = time.monotonic()
        assert fails(store, session, use)
        assert time.monotonic() - started < LONGEST_WAIT_S


def comes_back(store, session):
    """By itself, soon, and with all that it had."""
    give_up_at = time.monotonic() + 10
    while fails(store, session, USES["ping"]):
        assert time.monotonic() < give_up_at
        if connections["default"].vendor == "postgresql":
            connections["default"].close_if_unusable_or_obsolete()  # as between two requests
        time.sleep(0.05)
    assert store.load(session.session_id).version == session.version
    assert store.replace(session, one_draw_more(session)).num_draws == 1


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


def keep_nothing(*arguments, **options):
    """Says yes to everything."""


def test_a_session_that_is_dropped_without_a_word_is_noticed(monkeypatch, backend):
    store = store_on(backend)
    monkeypatch.setattr(backend, "set", keep_nothing)
    with pytest.raises(StoreUnavailableError):
        store.create(new_session())
    with pytest.raises(StoreUnavailableError):
        store.ping()


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
def test_a_change_that_is_dropped_without_a_word_is_noticed(monkeypatch, backend):
    store, session = store_on(backend), new_session()
    store.create(session)
    with monkeypatch.context() as patch:
        patch.setattr(backend, "set", keep_nothing)
        with pytest.raises(StoreUnavailableError):
            store.replace(session, one_draw_more(session))
    assert store.load(session.session_id).num_draws == 0


def test_the_database_is_a_real_file_that_readers_and_a_writer_share(sqlite_path):
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
    assert sqlite_path.stat().st_size > 0
