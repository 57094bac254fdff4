"""The content security policy on every answer, and the markup that it forbids."""

from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.admin.conftest import LIST_URL
from tests.content_security_policy import STRICT
from tests.pages.conftest import start_session
from wheel import services

FOR_SWAGGER = STRICT - {"img-src 'self'"} | {"img-src 'self' data:"}
WHEEL = "/wheel/{session_id}"
DETAIL = f"{LIST_URL}{{session_id}}/"

PAGES = ["/", "/?prompt=The", WHEEL, f"{WHEEL}?top_k=3&threshold=0", f"{WHEEL}?top_k=-1"]
ADMIN_PAGES = [
    "/admin/",
    "/admin/password_change/",
    "/admin/auth/user/add/",
    LIST_URL,
    f"{LIST_URL}?q=x&model_id=gpt2",
    f"{LIST_URL}?created_at__year=2000",
    f"{DETAIL}change/",
    f"{DETAIL}history/",
    f"{DETAIL}delete/",
]
ERROR_PAGES = [("/nothing", 404), ("/wheel/x", 404), ("/wheel/x/export.csv", 404)]
DATA = [
    "/api/",
    "/api/nothing",
    "/api/schema",
    "/api/models",
    "/api/docs?script=",
    "/health",
    f"{WHEEL}/export.json",
    f"{WHEEL}/export.csv",
    f"{WHEEL}/wheel.svg",
]


class InlineFinder(HTMLParser):
    """Collects what a page brings along itself instead of in a file, or has from elsewhere."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.num_tags = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.num_tags += 1
        values = dict(attrs)
        if tag in ("style", "base", "iframe", "object") or (
            tag == "script" and "src" not in values
        ):
            self.found.append(tag)
        self.found += [
            f"{tag} {name}={value}" for name, value in attrs if is_inline(name, value or "")
        ]


def is_inline(name, value):
    if name in ("src", "href", "action", "formaction"):
        return value.startswith(("http:", "https:", "//", "javascript:", "data:"))
    return name == "style" or name.startswith(("on", "hx-on"))


def assert_strict(response, policy=STRICT):
    header = response["Content-Security-Policy"]
    assert set(header.split("; ")) == policy
    assert "unsafe" not in header
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    for device in ("camera", "microphone", "geolocation"):
        assert f"{device}=()" in response["Permissions-Policy"]


def assert_strict_page(response, policy=STRICT):
    assert_strict(response, policy)
    assert response["X-Frame-Options"] == "DENY"
    page = InlineFinder(response.content.decode())
    assert page.num_tags > 5
    assert page.found == []


@pytest.fixture
def teacher(visitor):
    visitor.force_login(get_user_model().objects.create_superuser("teacher", password="chalk"))
    return visitor


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_is_on_the_pages_of_students(visitor, session_id, path):
    services.spin(session_id=session_id)
    services.append_token(session_id=session_id, token_id=3)
    assert_strict_page(visitor.get(path.format(session_id=session_id)))


def test_the_policy_is_on_a_page_without_a_wheel_and_on_a_part_of_a_page(visitor, wheel_page):
    assert_strict_page(visitor.get(f"/wheel/{start_session(prompt=None)}"))
    assert_strict_page(visitor.ask(wheel_page, "/spin"))


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_the_policy_is_on_the_pages_of_teachers(teacher, session_id, path):
    services.spin(session_id=session_id)
    response = teacher.get(path.format(session_id=session_id))
    assert response.status_code == 200
    assert_strict_page(response)


def test_the_policy_is_on_the_login_page(visitor):
    assert_strict_page(visitor.get("/admin/login/"))
    assert_strict_page(visitor.post("/admin/login/", {"username": "x", "password": "y"}))


@pytest.mark.parametrize(("path", "status"), ERROR_PAGES)
def test_the_policy_is_on_pages_that_are_not_found(visitor, path, status):
    response = visitor.get(path)
    assert response.status_code == status
    assert_strict_page(response)


def test_the_policy_is_on_the_page_of_a_refused_form(visitor):
    response = visitor.post("/", {"prompt": " "})
    assert response.status_code == 400
    assert_strict_page(response)


def test_the_policy_is_on_the_answer_to_a_form_from_another_site(wheel_runtime, db):
    response = Client(enforce_csrf_checks=True).post("/", {"prompt": "The"})
    assert response.status_code == 403
    assert_strict_page(response)


def test_the_policy_is_on_the_page_of_a_busy_server(visitor, session_id, broken_engine):
    response = visitor.get(f"/wheel/{session_id}")
    assert response.status_code == 503
    assert_strict_page(response)


def test_the_policy_is_on_the_page_of_an_internal_error(visitor, monkeypatch):
    def fail():
        raise RuntimeError("secret")

    monkeypatch.setattr(services, "list_models", fail)
    visitor.raise_request_exception = False
    response = visitor.get("/")
    assert response.status_code == 500
    assert_strict_page(response)


@pytest.mark.parametrize("path", DATA)
def test_the_policy_is_on_answers_that_are_not_pages(visitor, session_id, path):
    assert_strict(visitor.get(path.format(session_id=session_id)), policy_of(path))


def policy_of(path):
    return FOR_SWAGGER if path.startswith("/api/docs") else STRICT


def test_the_policy_is_on_requests_that_are_refused_before_they_are_read(visitor, settings):
    settings.ALLOWED_HOSTS = ["wheel.example"]
    assert_strict(visitor.post("/", {"prompt": "x" * 70_000}, headers={"host": "wheel.example"}))
    response = visitor.get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert_strict(response)


def test_the_docs_may_show_the_images_inside_their_own_style_sheet_and_nothing_else(visitor):
    assert_strict_page(visitor.get("/api/docs"), FOR_SWAGGER)
