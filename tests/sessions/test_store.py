"""Creating, reading, replacing and deleting sessions, on each backend."""

from dataclasses import replace

import pytest

from tests.sessions.sessions import full_session, new_session, one_draw_more
from wheel.errors import SessionNotFoundError
from wheel.sessions.document import session_to_json
from wheel.sessions.store import SessionStore, StoredSession, session_key


def unknown():
    """A session that is in no store."""
    session = new_session()
    return StoredSession(session, session_to_json(session))


@pytest.mark.parametrize("make_session", [new_session, full_session], ids=["new", "full"])
def test_every_field_is_read_back_as_it_was_written(store, make_session):
    session = make_session()
    created = store.create(session)
    loaded = store.load(session.session_id).session
    assert created.session == session
    assert replace(loaded, last_accessed=session.last_accessed) == session
    assert store.read(session.session_id) == created
    assert store.load_many([session.session_id]) == {session.session_id: created}


@pytest.mark.parametrize("make_session", [new_session, full_session], ids=["new", "full"])
def test_every_field_is_read_back_by_another_process(store, backend, make_session):
    created = store.create(make_session())
    session_id = created.session.session_id
    assert SessionStore(backend, ttl=store.ttl).read(session_id) == created


def test_a_read_returns_the_document_that_the_backend_holds(store, backend):
    session = full_session()
    store.create(session)
    document = backend.get(session_key(session.session_id))
    assert isinstance(document, str)
    assert document == session_to_json(session)
    assert store.read(session.session_id).document == document
    assert store.load(session.session_id).document == backend.get(session_key(session.session_id))


def test_a_document_of_an_unknown_schema_is_a_session_that_does_not_exist(store, backend):
    session = full_session()
    store.create(session)
    backend.set(session_key(session.session_id), '{"schema": 999}')
    assert store.load_many([session.session_id]) == {}
    for use in (store.load, store.read):
        with pytest.raises(SessionNotFoundError):
            use(session.session_id)


def test_an_unknown_session_is_not_found(store):
    with pytest.raises(SessionNotFoundError):
        store.load(new_session().session_id)
    with pytest.raises(SessionNotFoundError):
        store.read(new_session().session_id)
    with pytest.raises(SessionNotFoundError):
        store.delete(unknown())
    with pytest.raises(SessionNotFoundError):
        store.replace(unknown(), new_session())


def test_a_deleted_session_is_gone_at_once_and_for_every_use(store):
    stored = store.create(new_session())
    session_id = stored.session.session_id
    assert store.delete(stored)
    assert store.load_many([session_id]) == {}
    for use in (
        lambda: store.load(session_id),
        lambda: store.read(session_id),
        lambda: store.delete(stored),
        lambda: store.replace(stored, stored.session),
    ):
        with pytest.raises(SessionNotFoundError):
            use()


def test_deleting_one_session_leaves_the_others(store):
    kept, deleted = store.create(new_session()), store.create(new_session())
    store.delete(deleted)
    assert store.read(kept.session.session_id) == kept


def test_a_session_that_was_written_since_it_was_read_is_not_deleted(store):
    stored = store.create(new_session(rev=3))
    newer = store.replace(stored, one_draw_more(stored.session))
    assert not store.delete(stored)
    assert store.read(stored.session.session_id) == newer
    assert store.delete(newer)


def test_replacing_stores_the_new_session_under_the_next_version(store):
    stored = store.create(new_session(version=4))
    written = store.replace(stored, one_draw_more(stored.session))
    assert (written.session.num_draws, written.session.version) == (1, 5)
    assert store.read(stored.session.session_id) == written


def test_the_next_version_is_that_of_the_read_and_not_of_the_new_session(store):
    stored = store.create(new_session(version=4))
    assert store.replace(stored, replace(stored.session, version=40)).session.version == 5


def test_replacing_twice_from_the_same_read_works_once(store):
    stored = store.create(new_session())
    assert store.replace(stored, replace(stored.session, rev=1)) is not None
    assert store.replace(stored, replace(stored.session, rev=2)) is None
    assert store.load(stored.session.session_id).session.rev == 1


def test_a_chain_of_replacements_counts_up(store):
    stored = store.create(new_session())
    for _ in range(5):
        stored = store.replace(stored, one_draw_more(stored.session))
    assert (stored.session.num_draws, stored.session.version) == (5, 5)


def test_many_are_loaded_at_once_and_missing_ones_left_out(store):
    sessions = [new_session() for _ in range(20)]
    for session in sessions:
        store.create(session)
    wanted = [session.session_id for session in sessions[:15]]
    loaded = store.load_many([*wanted, new_session().session_id])
    assert set(loaded) == set(wanted)
    assert all(loaded[session_id].session.session_id == session_id for session_id in wanted)


def test_loading_no_session_is_no_error(store):
    assert store.load_many([]) == {}


def test_a_store_that_answers_can_be_pinged(store, backend):
    store.ping()
    session = new_session()
    store.create(session)
    store.ping()
    assert store.load(session.session_id).session.session_id == session.session_id


def test_a_ping_leaves_no_key_behind(monkeypatch, store, backend):
    monkeypatch.setattr("secrets.token_hex", lambda _: "0123")
    store.ping()
    assert backend.get("ping:0123") is None
