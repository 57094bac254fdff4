"""405 and 406 at every URL, in the shape of all errors."""

import pytest

from tests.api.helpers import SESSION_ENDPOINTS, TEXT_PATHS, assert_error, state

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"}
ALLOWED = {
    "/api/sessions": {"POST"},
    "/api/": {"GET"},
    "/api/models": {"GET"},
    "/api/schema": {"GET"},
    "/api/docs": {"GET"},
    "/health": {"GET"},
    "/ready": {"GET"},
    "": {"GET", "DELETE"},
    "/set-prompt": {"POST"},
    "/next-token-probs": {"GET"},
    "/append-token": {"POST"},
    "/undo": {"POST"},
    "/spin": {"POST"},
    "/simulate": {"POST"},
    "/api/tokenize": {"POST"},
    "/api/score": {"POST"},
}
JSON_PATHS = ["/api/", "/api/models", "/health", "/ready"]


def address(session_url, path):
    return path if path.startswith(("/api/", "/health", "/ready")) else session_url + path


@pytest.mark.parametrize("path", ALLOWED)
def test_other_methods_are_refused_and_change_nothing(api, session_url, path):
    before = state(api, session_url)
    for method in METHODS - ALLOWED[path]:
        url = address(session_url, path)
        answer = api.generic(method, url, "{}", content_type="application/json")
        assert_error(answer, 405, "method_not_allowed")
        assert ALLOWED[path] <= set(answer["Allow"].split(", "))
    assert state(api, session_url) == before


@pytest.mark.parametrize("path", ALLOWED)
def test_options_is_never_a_server_error(api, session_url, path):
    answer = api.options(address(session_url, path))
    assert answer.status_code in (200, 405)


@pytest.mark.parametrize("path", JSON_PATHS)
def test_head_answers_like_get_without_a_body(api, path, engine):
    engine.start()
    answer = api.head(path)
    assert answer.status_code == 200
    assert answer.content == b""


def test_a_method_cannot_be_overridden_by_a_header(api, session_url):
    headers = {"X-HTTP-Method-Override": "DELETE"}
    answer = api.post(session_url, "{}", content_type="application/json", headers=headers)
    assert_error(answer, 405, "method_not_allowed")
    assert api.get(session_url).status_code == 200


@pytest.mark.parametrize("endpoint", SESSION_ENDPOINTS, ids=str)
def test_session_endpoints_answer_in_json_only(api, session_url, endpoint):
    before = state(api, session_url)
    for accept in ("text/html", "application/xml", "image/*", "garbage", "a/b/c"):
        answer = api.generic(
            endpoint.method,
            session_url + endpoint.tail,
            endpoint.body,
            content_type="application/json",
            headers={"Accept": accept},
        )
        assert_error(answer, 406, "not_acceptable")
    assert state(api, session_url) == before


@pytest.mark.parametrize("path", ["/api/sessions", *TEXT_PATHS, *JSON_PATHS, "/api/schema"])
def test_other_endpoints_answer_in_json_only(api, path):
    method = "POST" if ALLOWED[path] == {"POST"} else "GET"
    answer = api.generic(method, path, headers={"Accept": "text/html"})
    assert_error(answer, 406, "not_acceptable")


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/*", "application/json", "text/html, application/json;q=0.1", "a, */*"],
)
def test_every_accept_header_that_json_satisfies_gets_json(api, session_url, accept):
    answer = api.get(session_url, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"


def test_an_answer_without_an_accept_header_is_json(api, session_url):
    assert api.get(session_url)["Content-Type"] == "application/json"
