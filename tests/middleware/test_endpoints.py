"""The endpoint of a request: URL pattern, name and session."""

import uuid

import pytest
from django.conf import settings
from django.test import RequestFactory

from tokenwheel.middleware.endpoints import endpoint_at, endpoint_of

SESSION_ID = uuid.UUID("3b241101-e2bb-4255-8caf-4136c566a962")
SPELLINGS = [str(SESSION_ID), str(SESSION_ID).upper(), SESSION_ID.hex, SESSION_ID.hex.upper()]
SESSION_PATTERNS = {
    "/api/sessions/{}": "/api/sessions/<session_id>",
    "/api/sessions/{}/spin": "/api/sessions/<session_id>/spin",
    "/api/sessions/{}/next-token-probs": "/api/sessions/<session_id>/next-token-probs",
    "/wheel/{}": "/wheel/<session_id>",
    "/wheel/{}/undo": "/wheel/<session_id>/undo",
    "/wheel/{}/export.json": "/wheel/<session_id>/export.json",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("path", "pattern"), SESSION_PATTERNS.items())
def test_every_spelling_of_a_session_id_is_the_same_session(path, pattern, spelling):
    endpoint = endpoint_at(path.format(spelling))
    assert (endpoint.pattern, endpoint.session_id) == (pattern, SESSION_ID.hex)


@pytest.mark.parametrize(
    "path",
    [
        f"/wheel/{SESSION_ID}/nothing",
        f"/wheel/{SESSION_ID}/",
        f"/api/sessions/{SESSION_ID}/nothing",
        f"/api/sessions/{SESSION_ID}/spin/",
        f"/elsewhere/wheel/{SESSION_ID}",
        f"/static/wheel/{SESSION_ID}",
        f"/wheel/{SESSION_ID}-1",
        f"/wheel/{str(SESSION_ID)[:-1]}",
        "/wheel/not-a-session",
        "/api/sessions",
        "/",
    ],
)
def test_a_path_that_names_no_session_of_a_known_endpoint_has_no_session(path):
    assert endpoint_at(path).session_id is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "start"),
        ("/join", "join"),
        ("/api/sessions", "session-list"),
        ("/admin/login/", "admin:login"),
        ("/health", "health"),
        ("/ready", "ready"),
        ("/metrics", "metrics"),
        ("/nothing", ""),
        ("/health/", ""),
    ],
)
def test_an_endpoint_has_the_name_of_its_url_pattern(path, name):
    assert endpoint_at(path).name == name


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/nothing", "unknown"),
        (f"/{SESSION_ID}", "unknown"),
        ("/static/css/base.css", "static"),
        ("/static/nothing", "static"),
        ("/api/nothing", "/api/"),
        ("/admin/wheel/classroom/7/change/", "/admin/wheel/classroom/<object_id>/change/"),
    ],
)
def test_a_pattern_holds_nothing_that_a_client_has_made_up(path, pattern):
    assert endpoint_at(path).pattern == pattern


def test_an_address_is_resolved_once_for_a_request():
    request = RequestFactory().get("/health")
    first = endpoint_of(request)
    request.path_info = "/nothing"
    assert endpoint_of(request) is first


def test_paths_of_probes_need_neither_https_nor_the_same_origin():
    exempt = settings.SECURE_REDIRECT_EXEMPT[0]
    assert exempt == "^(health|ready|metrics)$"
    assert settings.CORS_URLS_REGEX == "^/(api/|health$|ready$)"
