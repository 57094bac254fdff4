"""Session ids: 404 for every id but those of live sessions."""

import uuid

import pytest

from tests.api.fakes import store_later
from tests.api.helpers import (
    GET_SESSION,
    MISSING_ID,
    SESSION_ENDPOINTS,
    assert_error,
    new_session,
    state,
)

NO_IDS = [
    MISSING_ID,
    "1",
    "None",
    "..",
    "not-a-uuid",
    "00000000-0000-0000-0000-00000000000g",
    MISSING_ID + "0",
    "%00",
    "%ff%fe",
    "%F0%9F%98%80",
    "é",
    "' OR 1=1",
    "a" * 3000,
    "session:" + MISSING_ID,
]

every_endpoint = pytest.mark.parametrize("endpoint", SESSION_ENDPOINTS, ids=str)


@every_endpoint
def test_an_id_that_was_never_given_out_is_not_found(api, endpoint):
    for session_id in NO_IDS:
        answer = endpoint.call(api, f"/api/sessions/{session_id}")
        error = assert_error(answer, 404, "session_not_found")
        assert error["detail"] == "Session does not exist"


@every_endpoint
def test_a_deleted_session_is_not_found_at_once(api, session_url, endpoint):
    assert api.delete(session_url).status_code == 200
    assert_error(endpoint.call(api, session_url), 404, "session_not_found")


@every_endpoint
def test_an_expired_session_is_not_found(api, session_url, endpoint):
    with store_later(minutes=62):
        assert_error(endpoint.call(api, session_url), 404, "session_not_found")


@every_endpoint
def test_each_use_of_a_session_prolongs_its_life(api, session_url, endpoint):
    api.post_json(f"{session_url}/append-token", {"token_id": 3})
    with store_later(minutes=50):
        assert endpoint.call(api, session_url).status_code == 200
    if endpoint.method != "DELETE":
        with store_later(minutes=100):
            assert api.get(session_url).status_code == 200


def test_a_change_to_one_session_leaves_the_others(api, session_url):
    other_url = new_session(api, "Once upon a time")
    before = state(api, other_url)
    api.post_json(f"{session_url}/spin", {})
    api.delete(session_url)
    assert state(api, other_url) == before


def test_an_id_is_the_same_in_every_spelling_of_a_uuid(api, session_url):
    session_id = session_url.rpartition("/")[2]
    for spelling in (session_id.upper(), session_id.replace("-", "")):
        answer = GET_SESSION.call(api, f"/api/sessions/{spelling}")
        assert answer.json()["session_id"] == session_id


def test_ids_are_random_uuids(api):
    ids = {uuid.UUID(api.start()) for _ in range(20)}
    assert len(ids) == 20
    assert {session_id.version for session_id in ids} == {4}
