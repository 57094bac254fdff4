"""Writes of many threads at once: none is lost, and none undoes another."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest
from django.core.cache.backends.dummy import DummyCache  # noqa: TID251
from django.core.exceptions import ImproperlyConfigured

from tests.sessions.backends import cache_at, database_file, run_at_once
from tests.sessions.sessions import new_session, one_draw_more
from wheel.errors import SessionNotFoundError, StoreUnavailableError
from wheel.sessions.compare_and_set import compare_and_set_for
from wheel.sessions.store import SessionStore

NUM_THREADS = 10
NUM_DRAWS = 10


@pytest.fixture
def stored(store):
    return store.create(new_session())


@pytest.fixture
def session_id(stored):
    return stored.session.session_id


def count_up(store, session_id, number):
    """Add one `number` times, each time to the newest session."""
    for _ in range(number):
        while True:
            current = store.load(session_id)
            if store.replace(current, one_draw_more(current.session)):
                break


def test_no_increment_of_ten_threads_is_lost(store, session_id):
    run_at_once([partial(count_up, store, session_id, NUM_DRAWS)] * NUM_THREADS)
    counted = store.load(session_id).session
    assert (counted.num_draws, counted.version) == (NUM_THREADS * NUM_DRAWS,) * 2


def test_of_all_threads_that_have_read_the_same_session_exactly_one_writes(store, stored):
    answers = run_at_once([partial(store.replace, stored, stored.session)] * NUM_THREADS)
    assert sum(answer is not None for answer in answers) == 1


def test_a_load_that_extends_a_lifetime_never_undoes_a_change(backend, clock):
    """Every load slides here, since an hour passes before each."""
    store = SessionStore(backend, ttl=timedelta(days=100), now=clock)
    session = new_session(now=clock())
    store.create(session)

    def look():
        for _ in range(NUM_DRAWS):
            clock.advance(hours=1)
            store.load(session.session_id)

    change = partial(count_up, store, session.session_id, NUM_DRAWS)
    run_at_once([look, change] * 3)
    assert store.load(session.session_id).session.num_draws == 3 * NUM_DRAWS


def test_a_change_under_way_never_restores_a_deleted_session(store):
    for _ in range(5):
        session_id = store.create(new_session()).session.session_id

        def change_until_it_is_gone(session_id=session_id):
            with pytest.raises(SessionNotFoundError):
                count_up(store, session_id, 10_000)

        def delete(session_id=session_id):
            while not store.delete(store.read(session_id)):
                pass

        run_at_once([change_until_it_is_gone] * 3 + [delete])
        with pytest.raises(SessionNotFoundError):
            store.load(session_id)


def test_only_one_of_many_deletions_finds_something_to_delete(store, session_id):
    def is_deleted_by_me():
        try:
            return store.delete(store.read(session_id))
        except SessionNotFoundError:
            return False

    assert sum(run_at_once([is_deleted_by_me] * NUM_THREADS)) == 1


def test_a_writer_that_was_killed_leaves_no_lock_in_the_embedded_store(tmp_path, django_db_blocker):
    path = tmp_path / "sessions.sqlite3"
    with database_file(path, django_db_blocker, timeout=0.05):
        store = SessionStore(cache_at("db://"), ttl=timedelta(hours=1))
        stored = store.create(new_session())
        with closing(sqlite3.connect(path, isolation_level=None)) as other_process:
            other_process.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailableError):
                store.replace(stored, one_draw_more(stored.session))
        written = store.replace(stored, one_draw_more(stored.session))
        assert store.read(stored.session.session_id) == written


class Gate:
    """A compare-and-set before which another write happens, once."""

    def __init__(self, backend):
        self._compare_and_set = compare_and_set_for(backend)
        self.first: Callable[[], object] | None = None

    def __call__(self, *arguments):
        first, self.first = self.first, None
        if first:
            first()
        return self._compare_and_set(*arguments)


@pytest.fixture
def gate(backend):
    return Gate(backend)


@pytest.fixture
def slow_store(backend, gate):
    """A store in which other writes can happen between a read and its write."""
    return SessionStore(backend, ttl=timedelta(hours=1), compare_and_set=gate)


def test_a_slow_writer_does_not_overwrite_a_newer_session(
    slow_store, gate, store, stored, session_id
):
    gate.first = lambda: store.replace(stored, one_draw_more(stored.session))
    assert slow_store.replace(stored, stored.session) is None
    assert store.load(session_id).session.num_draws == 1


def test_a_slow_writer_does_not_restore_a_deleted_session(
    slow_store, gate, store, stored, session_id
):
    gate.first = lambda: store.delete(stored)
    with pytest.raises(SessionNotFoundError):
        slow_store.replace(stored, stored.session)
    with pytest.raises(SessionNotFoundError):
        store.load(session_id)


def test_a_slow_deletion_does_not_delete_a_newer_session(
    slow_store, gate, store, stored, session_id
):
    gate.first = lambda: store.replace(stored, one_draw_more(stored.session))
    assert not slow_store.delete(stored)
    assert store.load(session_id).session.num_draws == 1


def test_a_refused_write_changes_nothing(backend, stored, session_id):
    store = SessionStore(backend, ttl=timedelta(hours=1), compare_and_set=lambda *_: False)
    assert store.replace(stored, one_draw_more(stored.session)) is None
    assert not store.delete(stored)
    assert store.read(session_id) == stored


def test_a_compare_and_set_compares_writes_and_sets_the_lifetime(backend):
    compare_and_set = compare_and_set_for(backend)
    backend.set("a", "old", 60)
    assert compare_and_set("a", "other", "new", 60) is False
    assert backend.get("a") == "old"
    assert compare_and_set("a", "old", "new", 1) is True
    assert backend.get("a") == "new"
    time.sleep(1.1)
    assert backend.get("a") is None
    assert not compare_and_set("a", "new", "newer", 60)


def test_a_cache_without_a_compare_and_set_is_refused():
    with pytest.raises(ImproperlyConfigured, match="DummyCache"):
        SessionStore(DummyCache("", {}), ttl=timedelta(hours=1))
