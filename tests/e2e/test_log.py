"""The log of a real server, its master included: lines of JSON, without any text of a session."""

import json

import pytest

from tests.e2e.server import Server, WaitressServer

pytestmark = pytest.mark.slow
CANARY = "canarybird"


@pytest.mark.parametrize(
    ("server_class", "logger"),
    [(Server, "gunicorn.error"), (WaitressServer, "tokenwheel.serve_without_gunicorn")],
)
def test_every_line_of_the_log_is_json_and_none_holds_the_text_of_a_session(
    prepared_folder, remote_model, tmp_path, server_class, logger
):
    environment = {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG", "WHEEL_METRICS": "true"}
    with prepared_folder.running_server(
        tmp_path, server_class, **remote_model, **environment
    ) as server:
        session_id = server.post("/api/sessions").json()["session_id"]
        url = f"/api/sessions/{session_id}"
        server.post(f"{url}/set-prompt", {"prompt": f"The {CANARY} sings"})
        answer = server.post(f"{url}/spin")
        server.get(f"/{CANARY}", q=CANARY)
        server.get(f"/wheel/{session_id}", prompt=CANARY)
        metrics = server.get("/metrics").text
    lines = [json.loads(line) for line in server.log().splitlines()]
    names = {line["name"] for line in lines}
    assert {"tokenwheel.middleware.request_log", logger} <= names
    spin = next(line for line in lines if line.get("endpoint", "").endswith("/spin"))
    assert spin["request_id"] == answer.headers["X-Request-ID"]
    assert 'endpoint="/api/sessions/<session_id>/spin"' in metrics
    for text in (server.log(), metrics):
        assert CANARY not in text
        assert session_id not in text
