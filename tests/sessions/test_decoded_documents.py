"""The LRU cache of decoded documents."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.sessions.sessions import full_session, new_session, one_draw_more
from wheel.errors import SessionNotFoundError
from wheel.sessions.decoded_documents import DecodedDocuments
from wheel.sessions.document import OtherSchemaError, session_to_json
from wheel.sessions.store import SessionStore


@pytest.fixture
def decoded():
    return DecodedDocuments(max_sessions=2)


def test_a_document_is_decoded_once(decoded):
    document = session_to_json(full_session())
    session = decoded.decode("a", document)
    assert session_to_json(session) == document
    assert decoded.decode("a", document) is session


def test_a_document_that_was_written_is_not_decoded(decoded):
    session = full_session()
    decoded.remember("a", session_to_json(session), session)
    assert decoded.decode("a", session_to_json(session)) is session


def test_another_document_of_the_session_replaces_the_one_before(decoded):
    old = full_session()
    new = one_draw_more(old)
    decoded.remember("a", session_to_json(old), old)
    assert decoded.decode("a", session_to_json(new)) == new
    assert decoded.decode("a", session_to_json(old)) == old
    assert len(decoded) == 1


def test_the_least_recently_used_session_is_evicted(decoded):
    sessions = [new_session() for _ in range(3)]
    documents = [session_to_json(session) for session in sessions]
    for key, document, session in zip("ab", documents, sessions, strict=False):
        decoded.remember(key, document, session)
    decoded.decode("a", documents[0])
    decoded.remember("c", documents[2], sessions[2])
    assert len(decoded) == 2
    assert decoded.decode("a", documents[0]) is sessions[0]
    assert decoded.decode("b", documents[1]) is not sessions[1]


def test_a_forgotten_session_is_decoded_again(decoded):
    session = full_session()
    decoded.remember("a", session_to_json(session), session)
    decoded.forget("a")
    decoded.forget("b")
    assert len(decoded) == 0
    assert decoded.decode("a", session_to_json(session)) is not session


def test_a_document_of_another_schema_is_not_remembered(decoded):
    with pytest.raises(OtherSchemaError):
        decoded.decode("a", '{"schema": 999}')
    assert len(decoded) == 0


def test_a_store_gives_the_session_that_it_wrote_without_decoding_it(store):
    created = store.create(full_session())
    written = store.replace(created, one_draw_more(created.session))
    assert store.read(created.session.session_id).session is written.session


def test_a_store_sees_what_another_process_has_written(backend, store):
    created = store.create(full_session())
    other = SessionStore(backend, ttl=timedelta(hours=1))
    stored = other.read(created.session.session_id)
    written = other.replace(stored, replace(stored.session, rev=99))
    assert store.read(created.session.session_id) == written


def test_a_store_keeps_nothing_of_a_deleted_session(backend, store):
    for delete in (store.delete, SessionStore(backend, ttl=timedelta(hours=1)).delete):
        stored = store.create(new_session())
        assert delete(stored)
        with pytest.raises(SessionNotFoundError):
            store.read(stored.session.session_id)
        assert len(store._decoded) == 0
