"""POST /text-size: the cookie with the size of the text, and the pages that follow it."""

import pytest
from django.test import Client

HTMX = {"HX-Request": "true"}


def size_of(response):
    return response.content.decode().partition('data-text-size="')[2].partition('"')[0]


def test_every_page_follows_the_chosen_size(visitor, wheel_page, session_id):
    assert size_of(wheel_page) == "normal"
    response = visitor.send(wheel_page, "/text-size", size="largest")
    assert response.redirect_chain == [(f"/wheel/{session_id}", 302)]
    for address in (f"/wheel/{session_id}", "/", "/join", "/no/such/page", "/wheel/nowhere"):
        assert size_of(visitor.get(address)) == "largest"


def test_the_menu_shows_the_chosen_size_as_chosen(visitor, wheel_page, session_id):
    visitor.send(wheel_page, "/text-size", size="large")
    html = " ".join(visitor.get(f"/wheel/{session_id}").content.decode().split())
    assert 'value="large" data-text-size-choice checked>' in html
    assert html.count("data-text-size-choice checked>") == 1


def test_a_get_leads_to_the_start_page_and_stores_nothing(visitor):
    response = visitor.get("/text-size", {"size": "large"})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "text_size" not in visitor.cookies


def test_a_script_gets_an_empty_answer(visitor):
    response = visitor.post("/text-size", {"size": "large"}, headers=HTMX)
    assert (response.status_code, response.content) == (204, b"")
    assert visitor.cookies["text_size"].value == "large"


def test_the_cookie_is_a_preference_that_no_script_reads(visitor):
    cookie = visitor.post("/text-size", {"size": "large"}, secure=True).cookies["text_size"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


@pytest.mark.parametrize("size", ["", "huge", '"><script>', "large large", None])
def test_an_unknown_size_is_refused_and_stores_nothing(visitor, size):
    data = {} if size is None else {"size": size}
    assert visitor.post("/text-size", data, headers=HTMX).status_code == 400
    assert visitor.post("/text-size", data).status_code == 302
    assert "text_size" not in visitor.cookies


def test_a_cookie_with_an_unknown_size_counts_as_normal(visitor):
    visitor.cookies["text_size"] = "huge"
    assert size_of(visitor.get("/")) == "normal"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil"]
)
def test_the_answer_leads_to_no_other_site(visitor, address):
    response = visitor.post("/text-size", {"size": "large", "next": address})
    assert response["Location"] == "/"


def test_without_the_form_s_token_nothing_is_stored(wheel_runtime, db):
    response = Client(enforce_csrf_checks=True).post("/text-size", {"size": "large"})
    assert response.status_code == 403
    assert "text_size" not in response.cookies
