"""Cross-origin requests to the API and to the pages."""

import pytest

ORIGIN = "https://notebook.example"
PATHS = ["/api/models", "/health", "/api/nothing"]


@pytest.mark.parametrize("path", [*PATHS, "/ready", "/api/", "/api/schema"])
@pytest.mark.parametrize("origin", [ORIGIN, "null", "http://localhost:3000"])
def test_any_origin_may_read_by_default_and_never_with_credentials(api, path, origin):
    answer = api.get(path, headers={"Origin": origin})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_any_origin_may_call_by_default(api, session_url, method):
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    answer = api.options(f"{session_url}/spin", headers=headers)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert method in answer["Access-Control-Allow-Methods"]
    assert "content-type" in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer


def test_any_origin_may_send_an_idempotency_key(api, session_url):
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,idempotency-key",
    }
    answer = api.options(f"{session_url}/spin", headers=headers)
    assert "idempotency-key" in answer["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("body", "status"), [("{", 400), (" " * 70_000, 413)], ids=["malformed", "too long"]
)
def test_errors_can_be_read_by_other_origins_too(api, body, status):
    answer = api.post(
        "/api/sessions", body, content_type="application/json", headers={"Origin": ORIGIN}
    )
    assert answer.status_code == status
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", PATHS)
def test_a_configured_list_of_origins_refuses_all_others(api, settings, path):
    settings.CORS_ALLOW_ALL_ORIGINS = False
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    answer = api.get(path, headers={"Origin": ORIGIN})
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert "origin" in answer["Vary"].lower()
    assert "Access-Control-Allow-Credentials" not in answer
    for stranger in ("https://evil.example", ORIGIN + ".evil.example", "http://notebook.example"):
        answer = api.get(path, headers={"Origin": stranger})
        assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/healthy", "/static/x"])
def test_pages_of_other_origins_cannot_read_our_pages(api, path):
    answer = api.get(path, headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in answer


def test_the_api_sets_no_cookie(api, session_url):
    answer = api.post_json(f"{session_url}/spin", {})
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
