"""Index rows of sessions: when they are written, refreshed, pruned and removed."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store
from django.db import connections
from django.db.backends.signals import connection_created

from tests.clock import Clock
from tests.sessions.backends import TABLE, cache_at
from tests.waiting import wait_until
from wheel import runtime, services
from wheel.clock import utc_now
from wheel.errors import SessionNotFoundError
from wheel.models import SessionIndexEntry
from wheel.sessions import index as session_index
from wheel.sessions.store import SessionStore


@pytest.fixture
def clock():
    return Clock(utc_now())


@pytest.fixture
def clocked_store(clock):
    return SessionStore(caches["default"], ttl=timedelta(hours=1), now=clock)


@pytest.fixture
def clocked_runtime(wheel_runtime, clocked_store):
    """The runtime that tells the time by `clock`."""
    with runtime.use(replace(wheel_runtime, store=clocked_store)) as clocked:
        yield clocked


@pytest.fixture
def session_id(index_file, clocked_runtime):
    session_id = services.start_session().session_id
    services.set_prompt(session_id=session_id, prompt="The cat")
    return session_id


def row_of(session_id):
    return SessionIndexEntry.objects.get(session_id=session_id)


def drop_the_table():
    with connections["default"].cursor() as cursor:
        cursor.execute("DROP TABLE wheel_sessionindexentry")


def test_starting_a_session_writes_its_row(index_file, wheel_runtime):
    session = services.start_session()
    row = row_of(session.session_id)
    assert (row.model_id, row.num_tokens) == ("gpt2", 0)
    assert (row.created_at, row.last_seen) == (session.created_at, session.last_accessed)


def test_a_row_holds_no_text(session_id):
    names = {field.name for field in SessionIndexEntry._meta.fields}
    assert names == {
        "session_id",
        "model_id",
        "member",
        "created_at",
        "last_seen",
        "num_tokens",
    }


def test_a_row_is_refreshed_at_most_every_thirty_seconds(clock, session_id):
    prompt_len = services.get_session(session_id=session_id).session.num_tokens
    clock.advance(seconds=29.9)
    services.spin(session_id=session_id)
    assert row_of(session_id).num_tokens == 0
    clock.advance(seconds=0.1)
    services.spin(session_id=session_id)
    assert row_of(session_id).num_tokens == prompt_len + 2
    clock.advance(seconds=29.9)
    services.spin(session_id=session_id)
    assert row_of(session_id).num_tokens == prompt_len + 2
    clock.advance(seconds=0.1)
    services.spin(session_id=session_id)
    assert row_of(session_id).num_tokens == prompt_len + 4


def test_deleting_a_session_removes_its_row(session_id):
    services.delete_session(session_id=session_id)
    assert not SessionIndexEntry.objects.exists()


def test_a_failing_index_fails_no_request(clock, session_id, caplog):
    drop_the_table()
    clock.advance(minutes=1)
    step = services.spin(session_id=session_id)
    assert services.get_session(session_id=session_id).session.token_ids[-1] == step.chosen.token_id
    services.start_session()
    services.delete_session(session_id=session_id)
    with pytest.raises(SessionNotFoundError):
        services.get_session(session_id=session_id)
    assert "could not be written" in caplog.text
    assert "could not be removed" in caplog.text


def test_a_failure_to_prune_is_logged(index_file, store, caplog):
    drop_the_table()
    session_index.prune(store)
    assert "could not be pruned" in caplog.text


def orphan(**fields):
    now = utc_now()
    return SessionIndexEntry.objects.create(
        session_id="11111111-2222-4333-8444-555555555555",
        model_id="gpt2",
        created_at=now,
        **{"last_seen": now} | fields,
    )


def test_syncing_drops_rows_without_a_session_and_refreshes_the_others(session_id):
    orphan()
    services.spin(session_id=session_id)
    session = services.get_session(session_id=session_id).session
    assert services.refresh_session_index() == 1
    row = SessionIndexEntry.objects.get()
    assert (str(row.pk), row.num_tokens) == (session_id, session.num_tokens)


def test_syncing_deletes_the_documents_of_expired_sessions(index_file, wheel_runtime, clock):
    """A database cache keeps them until then."""
    store = SessionStore(cache_at("db://"), ttl=timedelta(hours=1), now=clock)
    with runtime.use(replace(wheel_runtime, store=store)):
        services.start_session()
        clock.advance(hours=2)
        assert services.refresh_session_index() == 1
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {TABLE}")
        assert cursor.fetchone()[0] == 0


def test_syncing_handles_more_rows_than_one_chunk(monkeypatch, session_id):
    monkeypatch.setattr(session_index, "CHUNK_SIZE", 2)
    others = [services.start_session().session_id for _ in range(4)]
    orphan()
    assert services.refresh_session_index() == 1
    kept = {str(pk) for pk in SessionIndexEntry.objects.values_list("pk", flat=True)}
    assert kept == {session_id, *others}


def test_syncing_an_empty_index_drops_nothing(index_file, wheel_runtime):
    assert services.refresh_session_index() == 0


def test_pruning_looks_only_at_rows_last_seen_longer_ago_than_a_lifetime(
    clock, session_id, clocked_store
):
    orphan(last_seen=clock() - timedelta(minutes=59))
    session_index.prune(clocked_store)
    assert SessionIndexEntry.objects.count() == 2
    clock.advance(minutes=10)
    session_index.prune(clocked_store)
    assert SessionIndexEntry.objects.count() == 1


@pytest.fixture
def pruner(index_file, store):
    """Prunes every ten milliseconds."""
    pruner = session_index.Pruner(store, first_after_s=0.01, interval_s=0.01)
    yield pruner
    pruner.stop()


def test_a_pruner_prunes_again_and_again_without_being_asked(pruner):
    pruner.start()
    for _ in range(2):
        orphan(last_seen=utc_now() - timedelta(days=1))
        wait_until(lambda: not SessionIndexEntry.objects.exists())


@pytest.fixture
def pruners_connections():
    """The database connections that a pruner's thread has opened."""
    opened = []

    def keep(connection, **_):
        if threading.current_thread().name == "prune":
            opened.append(connection)

    connection_created.connect(keep)
    yield opened
    connection_created.disconnect(keep)


def test_a_pruner_keeps_no_database_connection_open_between_two_prunings(
    index_file, store, pruners_connections
):
    orphan(last_seen=utc_now() - timedelta(days=1))
    pruner = session_index.Pruner(store, first_after_s=0.01, interval_s=60)
    pruner.start()
    try:
        wait_until(lambda: not SessionIndexEntry.objects.exists())
        assert len(pruners_connections) == 1
        wait_until(lambda: pruners_connections[0].connection is None)
    finally:
        pruner.stop()


def test_the_thread_of_a_pruner_keeps_no_process_from_ending(pruner):
    pruner.start()
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "prune"] == [True]


def test_a_pruner_that_is_stopped_does_not_wait_for_its_next_pruning(index_file, store):
    pruner = session_index.Pruner(store)
    pruner.start()
    pruner.stop()
    assert "prune" not in {thread.name for thread in threading.enumerate()}


def test_a_session_that_was_only_loaded_keeps_its_row(clock, session_id, clocked_store):
    """Loading refreshes no row, so this one is old; but the store holds the session."""
    SessionIndexEntry.objects.update(last_seen=clock() - timedelta(days=1))
    clock.advance(minutes=10)
    session_index.prune(clocked_store)
    assert row_of(session_id).last_seen == clocked_store.read(session_id).session.last_accessed
