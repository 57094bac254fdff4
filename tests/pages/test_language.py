"""POST /language: the cookie with the language, and the pages and answers that follow it."""

import pytest
from django.conf import settings as project_settings
from django.urls import reverse

from tests.pages.markup import find_all, find_one

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def language_of(response):
    return find_one(response.content.decode(), "html").attributes["lang"]


def test_a_client_without_preferences_gets_english(visitor):
    response = visitor.get("/")
    assert (language_of(response), response["Content-Language"]) == ("en", "en")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr-CA", "fr"),
        ("es-419,es;q=0.8", "es"),
        ("nb-NO,nb;q=0.9", "nb"),
        ("no", "nb"),
        ("nn-NO,en;q=0.9", "nb"),
        ("ja,fr;q=0.4,de;q=0.5", "de"),
        ("ja", "en"),
        ("*", "en"),
        ("de;q=0,fr", "fr"),
        (",;=;;q", "en"),
    ],
)
def test_a_page_has_the_best_language_that_the_browser_accepts(visitor, accepted, language):
    assert language_of(visitor.get("/", headers={"Accept-Language": accepted})) == language


def test_the_chosen_language_is_kept_against_that_of_the_browser(visitor, wheel_page, session_id):
    response = visitor.send(wheel_page, "/language", language="fr")
    assert response.redirect_chain == [(f"/wheel/{session_id}", 302)]
    for address in (f"/wheel/{session_id}", "/", "/join", "/no/such/page", "/wheel/nowhere"):
        assert language_of(visitor.get(address, headers=GERMAN)) == "fr"


def test_the_query_of_the_page_is_kept_too(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}?rank=1")
    response = visitor.send(page, "/language", follow=False, language="de")
    assert response["Location"] == f"/wheel/{session_id}?rank=1"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_another_sites_address_leads_to_the_start_page(visitor, address):
    response = visitor.post("/language", {"language": "de", "next": address})
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("language", ["", "xx", "ja", "de-at", '"><script>', None])
def test_an_unknown_language_stores_nothing(visitor, language):
    data = {} if language is None else {"language": language}
    assert visitor.post("/language", data).status_code == 302
    assert "language" not in visitor.cookies


def test_a_cookie_with_an_unknown_language_is_ignored(visitor):
    visitor.cookies["language"] = "../../etc"
    assert language_of(visitor.get("/", headers=GERMAN)) == "de"


def test_a_get_stores_nothing(visitor):
    response = visitor.get("/language", {"language": "de"})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "language" not in visitor.cookies


def test_the_cookie_is_a_preference_that_no_script_reads(visitor):
    cookie = visitor.post("/language", {"language": "nb"}, secure=True).cookies["language"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert (cookie["samesite"], cookie["path"]) == ("Lax", "/")


@pytest.mark.parametrize("path", ["/", "/join", "/no/such/page", "/wheel/nowhere", "/admin/login/"])
def test_every_page_has_the_menu_with_each_language_by_its_own_name(visitor, path):
    html = visitor.get(path, headers=GERMAN).content.decode()
    buttons = [
        button for button in find_all(html, "button") if button.attributes.get("name") == "language"
    ]
    names = {button.attributes["value"]: button.text.strip() for button in buttons}
    assert names == dict(project_settings.LANGUAGES)
    current = [button for button in buttons if "aria-current" in button.attributes]
    assert [button.attributes["value"] for button in current] == ["de"]


def test_pages_vary_with_the_language_and_files_do_not(visitor, session_id):
    assert {"Accept-Language", "Cookie"} <= set(visitor.get("/")["Vary"].split(", "))
    assert "Accept-Language" not in visitor.get("/static/icon.svg").get("Vary", "")


def test_a_refusal_by_middleware_has_the_language_too(visitor):
    body = b"x" * (project_settings.WHEEL_MAX_BODY_BYTES + 1)
    response = visitor.post("/join", body, content_type="text/plain", headers=GERMAN)
    assert response.status_code == 413
    assert response["Content-Language"] == "de"


def headers_but_the_id(answer):
    return {name: value for name, value in answer.items() if name != "X-Request-ID"}


ANSWERS = [
    ("get", "/api/", None),
    ("get", "/api/models", None),
    ("get", "/api/schema", None),
    ("get", "/api/docs", None),
    ("get", "/ready", None),
    ("get", "/api/sessions/nowhere", None),
    ("get", "/api/nowhere", None),
    ("put", "/api/sessions", None),
    ("post", "/api/sessions", "{"),
    ("post", "/api/sessions", {"model_name": "none"}),
    ("post", "/api/sessions/{id}/set-prompt", {"prompt": 3}),
    ("post", "/api/sessions/{id}/set-prompt", {"prompt": ""}),
    ("post", "/api/sessions/{id}/set-prompt", {"prompt": "a" * 5000}),
    ("post", "/api/sessions/{id}/append-token", {"token_id": 10**9}),
    ("post", "/api/sessions/{id}/spin", {"temperature": 0}),
    ("get", "/api/sessions/{id}/next-token-probs?temperature=0&top_k=x", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ANSWERS)
def test_an_answer_of_the_api_is_the_same_in_every_language(
    visitor, session_id, method, path, body
):
    address = path.format(id=session_id)
    arguments = () if body is None else (body, "application/json")
    answers = [
        getattr(visitor, method)(address, *arguments, headers=headers)
        for headers in ({}, {"Accept-Language": "de"}, {"Cookie": "language=fr"})
    ]
    assert {answer.content for answer in answers} == {answers[0].content}
    for answer in answers:
        assert "Accept-Language" not in answer.get("Vary", "")
        assert "Content-Language" not in answer
        assert headers_but_the_id(answer) == headers_but_the_id(answers[0])


def test_the_language_of_one_request_does_not_reach_the_next(visitor):
    visitor.get("/", headers=GERMAN)
    assert language_of(visitor.get("/")) == "en"
    assert reverse("start") == "/"
