"""waitress in place of gunicorn, as on Windows: connections, proxies and log."""

import logging
import socket
from contextlib import ExitStack

import pytest
import requests

from bench.server import free_port
from tests.e2e.server import WaitressServer
from tests.processes import run
from tests.waiting import HANGING_S
from tokenwheel.http_connection import remove_path
from tokenwheel.http_limits import NUM_THREADS
from tokenwheel.listening import listen

PROXY = {"X-Forwarded-Proto": "https", "X-Request-ID": "of-the-proxy"}


@pytest.fixture(scope="module")
def server(prepared_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("waitress")
    with prepared_folder.running_server(folder, WaitressServer) as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("beginning", [b"", b"GET /health HTTP/1.1\r\nHost: 127"])
def test_silent_connections_occupy_no_thread(server, beginning):
    with ExitStack() as connections:
        for _ in range(NUM_THREADS * 2):
            connection = socket.create_connection(("127.0.0.1", server.port))
            connections.enter_context(connection)
            connection.sendall(beginning)
        assert server.get("/health").status_code == 200


@pytest.mark.slow
def test_a_body_that_is_too_large_is_refused_with_an_error_of_the_api(server):
    answer = server.post("/api/sessions", {"model_name": "x" * 70_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


@pytest.mark.slow
def test_a_spin_gives_the_token_that_gunicorn_gives(server):
    session_id = server.post("/api/sessions").json()["session_id"]
    server.post(f"/api/sessions/{session_id}/set-prompt", {"prompt": "The capital of France is"})
    spin = server.post(f"/api/sessions/{session_id}/spin", {"u": 0.1}).json()
    assert spin["appended_token"]["token_text"] == " Paris"


@pytest.mark.slow
def test_headers_count_only_from_a_trusted_proxy(prepared_folder, remote_model, tmp_path, server):
    def ask(server):
        url = f"{server.url}/health"
        return requests.get(url, headers=PROXY, timeout=HANGING_S).headers["X-Request-ID"]

    trusting = remote_model | {"TRUSTED_PROXIES": "127.0.0.1"}
    with prepared_folder.running_server(tmp_path, WaitressServer, **trusting) as behind_a_proxy:
        assert ask(behind_a_proxy) == PROXY["X-Request-ID"]
    assert ask(server) != PROXY["X-Request-ID"]


@pytest.mark.slow
def test_a_port_that_is_in_use_ends_the_start_with_a_sentence(prepared_folder, tmp_path, server):
    second = WaitressServer(tmp_path, prepared_folder.static_dir, PORT=str(server.port))
    result = run(second.command, second.environment)
    assert result.returncode == 1
    sentence = f"PORT must be free, but another program listens on 127.0.0.1:{server.port}"
    assert result.stderr.startswith(sentence)


@pytest.mark.parametrize(
    ("host", "asked"), [("", "127.0.0.1"), ("::1", "::1"), ("::", "127.0.0.1")]
)
def test_it_listens_on_the_address_that_gunicorn_would_bind(host, asked):
    port = free_port()
    with listen(host, port), socket.create_connection((asked, port)):
        pass


def test_a_line_about_a_request_does_not_quote_its_path():
    text = "Client disconnected while serving /a-text\nwith-two-lines"
    record = logging.LogRecord("waitress", logging.INFO, "", 0, text, (), None)
    assert remove_path(record)
    assert record.getMessage() == "Client disconnected while serving a request"
