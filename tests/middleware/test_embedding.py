"""Students' pages in frames of other sites, and no other pages."""

import re

import pytest
from django.test import Client, override_settings

from tests.content_security_policy import STRICT

ORIGINS = ["https://moodle.example", "https://*.instructure.com"]
FRAMED = (STRICT - {"frame-ancestors 'none'"}) | {f"frame-ancestors {' '.join(ORIGINS)}"}
MISSING = "3b241101-e2bb-4255-8caf-4136c566a962"


def policy_of(answer):
    return set(answer["Content-Security-Policy"].split("; "))


@pytest.fixture
def framed(wheel_runtime, db):
    """A client of a server with `FRAME_ANCESTORS`. The middleware reads it as it is made."""
    with override_settings(FRAME_ANCESTORS=ORIGINS):
        yield Client(enforce_csrf_checks=True)


IN_A_FRAME = {"Sec-Fetch-Dest": "iframe"}  # sent by browsers


def addresses_in_a_tab(answer):
    """Of the links that open a tab of their own."""
    links = re.findall(r"<a [^>]*>", answer.content.decode())
    return {re.findall(r'href="([^"]*)"', link)[0] for link in links if "_blank" in link}


def token_of(page):
    return re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[0]


def start(client, **fields):
    return client.post("/", {"csrfmiddlewaretoken": token_of(client.get("/")), **fields})


def assert_framed(answer):
    assert policy_of(answer) == FRAMED
    assert "X-Frame-Options" not in answer


def assert_not_framed(answer):
    assert "frame-ancestors 'none'" in policy_of(answer)
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/join", f"/wheel/{MISSING}"])
def test_a_page_can_be_framed_by_the_given_origins(framed, path):
    assert_framed(framed.get(path))


@pytest.mark.parametrize(
    "path",
    [
        "/admin/login/",
        "/admin/",
        "/api/docs",
        "/api/models",
        "/health",
        "/unknown",
        "/classrooms/1/sheet",
    ],
)
def test_no_other_page_can_be_framed(framed, path):
    assert_not_framed(framed.get(path))


def test_the_wheel_can_be_framed(framed):
    started = start(framed, prompt="The cat")
    assert started.status_code == 302
    assert_framed(framed.get(started["Location"]))


def test_a_refused_form_can_be_read_in_its_frame(framed):
    refused = framed.post("/", {"prompt": "The cat"})
    assert refused.status_code == 403
    assert_framed(refused)


@pytest.mark.parametrize("element", ["iframe", "frame", "object", "embed"])
def test_links_to_pages_that_cannot_be_framed_open_a_tab(framed, element):
    shown = framed.get("/", headers={"Sec-Fetch-Dest": element})
    assert addresses_in_a_tab(shown) == {"/api/docs", "/admin/"}
    assert addresses_in_a_tab(framed.get("/")) == set()


def test_a_refused_form_in_a_frame_offers_a_tab(framed):
    refused = framed.post("/", {"prompt": "The cat"}, headers=IN_A_FRAME)
    assert "/" in addresses_in_a_tab(refused)
    assert addresses_in_a_tab(framed.post("/", {"prompt": "The cat"})) == set()


def test_a_body_that_is_too_large_can_be_read_in_its_frame(framed):
    refused = framed.post("/", {"prompt": "x" * 70_000})
    assert refused.status_code == 413
    assert_framed(refused)


def test_the_cookies_of_pages_are_kept_inside_a_frame(framed):
    start(framed, prompt="The cat")
    token = token_of(framed.get("/"))
    framed.post("/text-size", {"csrfmiddlewaretoken": token, "size": "large"})
    assert set(framed.cookies) == {"csrftoken", "last_wheels", "text_size"}
    for cookie in framed.cookies.values():
        shown = cookie.OutputString()
        assert "; SameSite=None" in shown
        assert "; Secure" in shown
        assert "; HttpOnly" in shown
        assert shown.endswith("; Partitioned")


def test_the_cookie_of_ended_wheels_is_removed_from_the_frame_s_own_cookies(framed):
    framed.cookies["last_wheels"] = MISSING
    removed = framed.get("/").cookies["last_wheels"]
    assert removed["max-age"] == 0
    assert removed.OutputString().endswith("; Partitioned")


def test_a_login_is_not_kept_inside_a_frame(framed, admin_user):
    page = framed.get("/admin/login/")
    answer = framed.post(
        "/admin/login/",
        {
            "csrfmiddlewaretoken": token_of(page),
            "username": "admin",
            "password": "password",
        },
    )
    login = answer.cookies["sessionid"].OutputString()
    assert "SameSite=Lax" in login
    assert "Partitioned" not in login


def test_without_the_setting_no_page_can_be_framed(wheel_runtime, db):
    answer = Client().get("/")
    assert_not_framed(answer)
    assert "Partitioned" not in answer.cookies["csrftoken"].OutputString()
