import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest

from tests.store.backends import cache_at, database_file, run_at_once
from tests.store.sessions import new_session, one_draw_more
from wheel import store as store_module
from wheel.errors import SessionNotFoundError, StoreUnavailableError
from wheel.store import SessionStore

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


locked_by_key = pytest.mark.parametrize("backend", ["locmem", "redis"], indirect=True)


def lock_of_a_dead_owner(backend, session):
    """What a process leaves behind that was killed in the middle of a write."""
    backend.add(f"lock:{session.session_id}", "killed", store_module.LOCK_LIFETIME_S)


@locked_by_key
def test_a_lock_whose_owner_died_ends_by_itself(monkeypatch, backend, store, session):
    monkeypatch.setattr(store_module, "LOCK_LIFETIME_S", 1)
    lock_of_a_dead_owner(backend, session)
    assert store.replace(session, one_draw_more(session)).num_draws == 1


@locked_by_key
def test_waiting_for_a_lock_ends_with_an_error_and_changes_nothing(backend, session):
    impatient = SessionStore(backend, ttl=timedelta(hours=1), lock_timeout_s=0.01)
    lock_of_a_dead_owner(backend, session)
    with pytest.raises(StoreUnavailableError):
        impatient.replace(session, one_draw_more(session))
    with pytest.raises(StoreUnavailableError):
        impatient.delete(session.session_id)
    assert impatient.load(session.session_id).num_draws == 0


@locked_by_key
def test_a_lock_on_one_session_is_none_on_another(backend, store, session):
    lock_of_a_dead_owner(backend, session)
    other = new_session()
    store.create(other)
    assert store.replace(other, one_draw_more(other)).num_draws == 1


def test_a_lock_is_given_back_also_after_an_error(backend, session):
    impatient = SessionStore(backend, ttl=timedelta(hours=1), lock_timeout_s=0.01)

    def refuse(current):
        raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 - our own
            impatient.delete(session.session_id, check=refuse)


@locked_by_key
def test_a_lock_that_went_to_somebody_else_is_not_taken_from_them(backend, store, session):
    """Its first owner was so slow that the lock ended, and another has it now."""
    key = f"lock:{session.session_id}"
    store.delete(session.session_id, check=lambda _: backend.set(key, "somebody else", 60))
    assert backend.get(key) == "somebody else"
