"""404 for unknown paths: JSON under /api/ for every method, a page elsewhere."""

import pytest

from tests.api.fakes import FailingCatalog, changed_runtime
from tests.api.helpers import MISSING_ID, assert_error

UNKNOWN = [
    "/api/nothing",
    "/api/models/",
    "/api/models/gpt2",
    "/api/sessions/",
    f"/api/sessions/{MISSING_ID}/",
    f"/api/sessions/{MISSING_ID}/nothing",
    f"/api/sessions/{MISSING_ID}/undo/",
    f"/api/sessions/{MISSING_ID}/set_prompt",
    "/api//",
    "/api/api/",
    "/api/schema.json",
    "/api/.env",
    "/api/%00",
    "/api/%ff",
    "/api/é/🎉",
    "/api/a%0Ab",
    "/api/" + "a" * 5000,
    "/api/<script>alert(1)</script>",
]


@pytest.mark.parametrize("path", UNKNOWN, ids=range(len(UNKNOWN)))
def test_an_unknown_address_is_not_found_in_json(api, path):
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "BREW"):
        error = assert_error(api.generic(method, path, "{}"), 404, "not_found")
        assert "<script>" not in error["detail"]


@pytest.mark.parametrize("path", ["/api/nothing", "/api/sessions/"])
def test_the_error_is_json_even_if_the_client_accepts_only_html(api, path):
    assert_error(api.get(path, headers={"Accept": "text/html"}), 404, "not_found")


def test_a_host_that_is_not_allowed_is_refused_in_json(api):
    assert_error(api.get("/api/models", headers={"Host": "evil.example"}), 400, "invalid")


def test_an_unknown_address_elsewhere_is_a_page(api):
    answer = api.get("/nothing")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/api/models", "/health", "/ready"])
def test_an_error_of_the_server_itself_is_json_without_details(api, path):
    def fail():
        raise RuntimeError("secret")

    api.raise_request_exception = False
    with changed_runtime(catalog=FailingCatalog(fail)):
        answer = api.get(path)
    assert_error(answer, 500, "server_error")
    assert b"secret" not in answer.content
