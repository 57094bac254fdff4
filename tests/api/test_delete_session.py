"""DELETE /api/sessions/{id}."""

import pytest

from tests.api.helpers import assert_error, spin
from wheel.models import SessionIndexEntry


def test_a_session_is_deleted(api, session_url):
    answer = api.delete(session_url)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Session deleted successfully",
        "session_id": session_url.rpartition("/")[2],
    }
    assert_error(api.get(session_url), 404, "session_not_found")


def test_a_deleted_session_cannot_be_deleted_again(api, session_url):
    api.delete(session_url)
    assert_error(api.delete(session_url), 404, "session_not_found")


def test_nothing_of_a_deleted_session_is_left_in_the_index(api, session_url):
    spin(api, session_url)
    api.delete(session_url)
    assert SessionIndexEntry.objects.count() == 0


def test_a_delete_of_a_stale_revision_deletes_nothing(api, session_url):
    rev = api.get(session_url).json()["rev"]
    assert_error(api.delete(f"{session_url}?rev={rev - 1}"), 409, "stale_revision")
    assert api.get(session_url).status_code == 200
    assert api.delete(f"{session_url}?rev={rev}").status_code == 200


def test_the_body_of_a_delete_is_ignored(api, session_url):
    answer = api.delete(session_url, '{"anything": ', content_type="application/json")
    assert answer.status_code == 200


def test_there_is_no_way_to_delete_all_sessions(api, session_url):
    assert_error(api.delete("/api/sessions"), 405, "method_not_allowed")
    assert_error(api.delete("/api/sessions/"), 404, "not_found")
    assert api.get(session_url).status_code == 200


@pytest.mark.parametrize("query", ["rev=", "rev=1&rev=", "rev=x&rev=1", "rev=1&rev=1"])
def test_a_revision_that_is_no_one_number_deletes_nothing(api, session_url, query):
    assert_error(api.delete(f"{session_url}?{query}"), 400, "invalid")
    assert api.get(session_url).status_code == 200
