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
def session(store):
    session = new_session()
    store.create(session)
    return session


def count_up(store, session_id, number):
    """Add one `number` times, each time on what the others have left."""
    for _ in range(number):
        while True:
            current = store.load(session_id)
            if store.replace(current, one_draw_more(current)):
                break


def test_no_increment_of_ten_threads_is_lost(store, session):
    run_at_once([partial(count_up, store, session.session_id, NUM_DRAWS)] * NUM_THREADS)
    counted = store.load(session.session_id)
    assert (counted.num_draws, counted.version) == (NUM_THREADS * NUM_DRAWS,) * 2


def test_of_all_who_read_the_same_exactly_one_may_write(store, session):
    answers = run_at_once([partial(store.replace, session, session)] * NUM_THREADS)
    assert sum(answer is not None for answer in answers) == 1


def test_a_look_that_extends_a_life_never_undoes_a_change(backend, clock):
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
    assert store.load(session.session_id).num_draws == 3 * NUM_DRAWS


def test_a_deleted_session_is_never_brought_back_by_a_change_under_way(store):
    for _ in range(5):
        session = new_session()
        store.create(session)

        def change_until_it_is_gone(session_id=session.session_id):
            with pytest.raises(SessionNotFoundError):
                count_up(store, session_id, 10_000)

        delete = partial(store.delete, session.session_id)
        run_at_once([change_until_it_is_gone] * 3 + [delete])
        with pytest.raises(SessionNotFoundError):
            store.load(session.session_id)


def test_only_one_of_many_deletions_finds_something_to_delete(store, session):
    def is_deleted_by_me():
        try:
            store.delete(session.session_id)
        except SessionNotFoundError:
            return False
        return True

    assert sum(run_at_once([is_deleted_by_me] * NUM_THREADS)) == 1


def test_a_writer_that_was_killed_leaves_nothing_behind_in_the_embedded_store(
    tmp_path, django_db_blocker
):
    path = tmp_path / "sessions.sqlite3"
    with database_file(path, django_db_blocker, timeout=0.05):
        store = SessionStore(cache_at("db://"), ttl=timedelta(hours=1))
        session = new_session()
        store.create(session)
        with closing(sqlite3.connect(path, isolation_level=None)) as somebody_else:
            somebody_else.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailableError):
                store.replace(session, one_draw_more(session))
        store.replace(session, one_draw_more(session))
        assert store.load(session.session_id).num_draws == 1


class Gate:
    """A swap that lets somebody else go first, once."""

    def __init__(self, backend):
        self._swap = compare_and_set_for(backend)
        self.first: Callable[[], object] | None = None

    def __call__(self, *arguments):
        first, self.first = self.first, None
        if first:
            first()
        return self._swap(*arguments)


@pytest.fixture
def gate(backend):
    return Gate(backend)


@pytest.fixture
def slow_store(backend, gate):
    """Between its reading and its writing there is time for others."""
    return SessionStore(backend, ttl=timedelta(hours=1), swap=gate)


def test_a_writer_that_slept_between_reading_and_writing_overwrites_nothing(
    slow_store, gate, store, session
):
    gate.first = lambda: store.replace(session, one_draw_more(session))
    assert slow_store.replace(session, session) is None
    assert store.load(session.session_id).num_draws == 1


def test_a_writer_that_slept_while_the_session_was_deleted_does_not_bring_it_back(
    slow_store, gate, store, session
):
    gate.first = lambda: store.delete(session.session_id)
    with pytest.raises(SessionNotFoundError):
        slow_store.replace(session, session)
    with pytest.raises(SessionNotFoundError):
        store.load(session.session_id)


def test_a_deletion_is_checked_again_on_what_came_between(slow_store, gate, store, session):
    seen = []
    gate.first = lambda: store.replace(session, one_draw_more(session))
    slow_store.delete(session.session_id, check=lambda current: seen.append(current.num_draws))
    assert seen == [0, 1]


def test_a_write_that_others_are_always_faster_than_ends_with_an_error(backend, session):
    store = SessionStore(backend, ttl=timedelta(hours=1), patience_s=0.05, swap=lambda *_: False)
    with pytest.raises(StoreUnavailableError):
        store.replace(session, one_draw_more(session))
    with pytest.raises(StoreUnavailableError):
        store.delete(session.session_id)
    assert store.load(session.session_id).num_draws == 0


def test_a_check_that_refuses_changes_nothing(store, session):
    def refuse(current):
        raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 - our own
            store.delete(session.session_id, check=refuse)
    assert store.replace(session, one_draw_more(session)).num_draws == 1


def test_what_a_swap_writes_ends_in_time(backend):
    swap = compare_and_set_for(backend)
    backend.set("a", "old", 60)
    assert not swap("a", "other", "new", 60)
    assert backend.get("a") == "old"
    assert swap("a", "old", "new", 1)
    assert backend.get("a") == "new"
    time.sleep(1.1)
    assert backend.get("a") is None
    assert not swap("a", "new", "newer", 60)


def test_a_cache_that_cannot_swap_is_refused():
    with pytest.raises(ImproperlyConfigured, match="DummyCache"):
        SessionStore(DummyCache("", {}), ttl=timedelta(hours=1))
