"""POST /recent/clear and /recent/remove, and a server without the list of recent wheels."""

import pytest
from django.test import Client

from tests.api.fakes import store_down
from tests.pages.conftest import start_session
from tests.pages.markup import find_all
from tests.pages.test_recent import GONE, HEADING, cookie_of, listed, set_cookie
from wheel import services

CLEAR = "Not you? Clear this list"


@pytest.fixture
def session_ids(visitor):
    """Three wheels that the browser has opened, the newest first."""
    session_ids = [start_session(prompt=f"{name} text") for name in ("First", "Second", "Third")]
    set_cookie(visitor, *session_ids)
    return session_ids


def remove(visitor, session_id):
    return visitor.post("/recent/remove", {"session_id": session_id}, follow=True)


def is_alive(session_id):
    return bool(services.find_sessions(session_ids=[session_id]))


def test_clearing_the_list_deletes_the_cookie_and_no_session(visitor, session_ids):
    page = visitor.send(visitor.get("/"), "/recent/clear")
    assert page.redirect_chain == [("/?cleared", 302)]
    assert "The texts themselves are not deleted." in page.content.decode()
    assert HEADING not in page.content.decode()
    assert cookie_of(visitor) is None
    assert all(map(is_alive, session_ids))


def test_clearing_forgets_sessions_that_cannot_be_listed_at_the_moment_too(visitor, session_ids):
    with store_down():
        assert visitor.post("/recent/clear").status_code == 302
    assert cookie_of(visitor) is None


def test_a_cross_removes_its_wheel_from_the_list_and_deletes_no_session(visitor, session_ids):
    page = remove(visitor, session_ids[1])
    assert page.redirect_chain == [("/?removed", 302)]
    assert "no longer lists that text" in page.content.decode()
    assert cookie_of(visitor) == [session_ids[0], session_ids[2]]
    assert listed(visitor) == [session_ids[0], session_ids[2]]
    assert is_alive(session_ids[1])


def test_a_wheel_that_was_removed_is_listed_again_once_it_is_opened_again(visitor, session_ids):
    remove(visitor, session_ids[2])
    visitor.get(f"/wheel/{session_ids[2]}")
    assert cookie_of(visitor) == [session_ids[2], *session_ids[:2]]


def test_removing_the_last_wheel_deletes_the_cookie(visitor, session_id):
    set_cookie(visitor, session_id)
    remove(visitor, session_id)
    assert cookie_of(visitor) is None


@pytest.mark.parametrize("session_id", [GONE, "", "x", "\0", "." * 5000])
def test_an_id_that_is_not_listed_changes_nothing(visitor, session_ids, session_id):
    response = visitor.post("/recent/remove", {"session_id": session_id})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "last_wheels" not in response.cookies


def test_clearing_an_empty_list_says_nothing(visitor):
    assert visitor.post("/recent/clear")["Location"] == "/"


def test_a_list_with_wheels_is_never_said_to_be_empty(visitor, session_ids):
    assert "list is empty" not in visitor.get("/?cleared").content.decode()


def test_each_cross_is_named_after_the_end_of_its_text(visitor, session_ids):
    empty, quoted = start_session(prompt=None), start_session(prompt='Say\n\n"<b>"  twice')
    set_cookie(visitor, empty, quoted, session_ids[0])
    crosses = find_all(visitor.get("/").content.decode(), "button", name="session_id")
    assert [(cross.attributes["value"], cross.text.removeprefix("× ")) for cross in crosses] == [
        (empty, "Remove the wheel without a text from this list"),
        (quoted, 'Remove “Say "<b>" twice” from this list'),
        (session_ids[0], "Remove “First text” from this list"),
    ]


def test_without_recent_wheels_there_is_nothing_to_clear(visitor):
    assert CLEAR not in visitor.get("/").content.decode()


@pytest.mark.parametrize("path", ["/recent/clear", "/recent/remove"])
def test_a_get_changes_nothing_and_leads_to_the_start_page(visitor, session_ids, path):
    response = visitor.get(path, {"session_id": session_ids[0]})
    assert response["Location"] == "/"
    assert cookie_of(visitor) == session_ids


@pytest.mark.parametrize("path", ["/recent/clear", "/recent/remove"])
def test_a_form_without_its_token_is_refused(visitor, session_ids, path):
    stranger = Client(enforce_csrf_checks=True)
    set_cookie(stranger, *session_ids)
    assert stranger.post(path, {"session_id": session_ids[0]}).status_code == 403
    assert cookie_of(stranger) == session_ids


class TestWithoutTheList:
    """A server with `WHEEL_RECENT_LIST=false`."""

    @pytest.fixture(autouse=True)
    def switched_off(self, settings):
        settings.WHEEL_RECENT_LIST = False

    def test_no_page_sets_the_cookie(self, visitor, session_id):
        started = visitor.send(visitor.get("/"), "/", follow=False, prompt="The dog")
        assert started.status_code == 302
        visitor.get(f"/wheel/{session_id}")
        assert cookie_of(visitor) is None

    @pytest.mark.parametrize("path", ["/", "/wheel/{}"])
    def test_a_cookie_from_before_is_not_read_and_deleted(self, visitor, session_id, path):
        set_cookie(visitor, session_id)
        page = visitor.get(path.format(session_id))
        assert HEADING not in page.content.decode()
        assert page.cookies["last_wheels"]["max-age"] == 0
        assert cookie_of(visitor) is None

    @pytest.mark.parametrize("path", ["/recent/clear", "/recent/remove"])
    def test_the_forms_of_a_page_from_before_delete_the_cookie(self, visitor, session_id, path):
        set_cookie(visitor, session_id)
        assert visitor.post(path, {"session_id": session_id}).status_code == 302
        assert cookie_of(visitor) is None
