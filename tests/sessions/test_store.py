import json
from dataclasses import replace

import pytest

from tests.sessions.sessions import full_session, new_session, one_draw_more
from wheel.errors import SessionNotFoundError
from wheel.sessions.document import SCHEMA, session_from_json, session_to_json
from wheel.sessions.store import session_key


@pytest.mark.parametrize("make_session", [new_session, full_session], ids=["new", "full"])
def test_every_field_comes_back_as_it_went(store, make_session):
    session = make_session()
    store.create(session)
    loaded = store.load(session.session_id)
    assert replace(loaded, last_accessed=session.last_accessed) == session
    assert store.load_many([session.session_id]) == {session.session_id: session}


@pytest.mark.parametrize("make_session", [new_session, full_session], ids=["new", "full"])
def test_a_document_is_the_session_and_nothing_but(make_session):
    session = make_session()
    assert session_from_json(session_to_json(session)) == session


def test_what_is_kept_is_json_text_with_the_number_of_its_schema(store, backend):
    session = full_session()
    store.create(session)
    document = backend.get(session_key(session.session_id))
    assert isinstance(document, str)
    assert json.loads(document)["schema"] == SCHEMA


def test_a_document_from_before_there_were_classes_is_still_read():
    session = new_session()
    document = json.loads(session_to_json(session))
    del document["classroom_id"]
    assert session_from_json(json.dumps(document)) == session


def test_a_document_of_another_version_of_token_wheel_is_a_session_that_is_over(store, backend):
    session = full_session()
    store.create(session)
    document = json.loads(backend.get(session_key(session.session_id)))
    backend.set(session_key(session.session_id), json.dumps(document | {"schema": SCHEMA - 1}))
    assert store.load_many([session.session_id]) == {}
    with pytest.raises(SessionNotFoundError):
        store.load(session.session_id)


def test_an_unknown_session_is_not_found(store):
    with pytest.raises(SessionNotFoundError):
        store.load(new_session().session_id)
    with pytest.raises(SessionNotFoundError):
        store.delete(new_session().session_id)
    with pytest.raises(SessionNotFoundError):
        store.replace(new_session(), new_session())


def test_a_deleted_session_is_gone_at_once_and_for_every_use(store):
    session = new_session()
    store.create(session)
    store.delete(session.session_id)
    assert store.load_many([session.session_id]) == {}
    for use in (store.load, store.delete, lambda _: store.replace(session, session)):
        with pytest.raises(SessionNotFoundError):
            use(session.session_id)


def test_deleting_one_session_leaves_the_others(store):
    kept, deleted = new_session(), new_session()
    store.create(kept)
    store.create(deleted)
    store.delete(deleted.session_id)
    assert store.load(kept.session_id).session_id == kept.session_id


def test_a_check_that_refuses_stops_a_deletion(store):
    session = new_session(rev=3)
    store.create(session)

    def refuse(current):
        raise ValueError(f"at {current.rev}")

    with pytest.raises(ValueError, match="at 3"):
        store.delete(session.session_id, check=refuse)
    store.delete(session.session_id)


def test_replacing_stores_the_new_session_under_the_next_version(store):
    session = new_session(version=4)
    store.create(session)
    stored = store.replace(session, one_draw_more(session))
    assert (stored.num_draws, stored.version) == (1, 5)
    loaded = store.load(session.session_id)
    assert replace(loaded, last_accessed=stored.last_accessed) == stored


def test_replacing_twice_from_the_same_reading_works_once(store):
    session = new_session()
    store.create(session)
    assert store.replace(session, replace(session, rev=1)) is not None
    assert store.replace(session, replace(session, rev=2)) is None
    assert store.load(session.session_id).rev == 1


def test_a_chain_of_replacements_counts_up(store):
    session = new_session()
    store.create(session)
    for _ in range(5):
        session = store.replace(session, one_draw_more(session))
    assert (session.num_draws, session.version) == (5, 5)


def test_many_are_loaded_at_once_and_missing_ones_left_out(store):
    sessions = [new_session() for _ in range(20)]
    for session in sessions:
        store.create(session)
    wanted = [session.session_id for session in sessions[:15]]
    loaded = store.load_many([*wanted, new_session().session_id])
    assert set(loaded) == set(wanted)
    assert all(session.session_id == session_id for session_id, session in loaded.items())


def test_loading_none_is_no_trouble(store):
    assert store.load_many([]) == {}


def test_a_store_that_answers_can_be_pinged(store):
    store.ping()
