"""The scripts that containers run: serving, serving with hot reload, and the health check."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from bench.server import free_port
from scripts.is_ready import is_ready
from tests.containers.files import PROJECT
from tests.serving import serving
from tests.waiting import HANGING_S, wait_until


class AnsweringServer(HTTPServer):
    status = 200

    def __init__(self, *args):
        self.asked = []
        super().__init__(*args)


class AnsweringServer6(AnsweringServer):
    address_family = socket.AF_INET6


class Handler(BaseHTTPRequestHandler):
    server: AnsweringServer

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def answering_on():
    @contextmanager
    def answering_on(address):
        kind = AnsweringServer6 if ":" in address else AnsweringServer
        server = kind((address, 0), Handler)
        with serving(server):
            yield server

    return answering_on


@pytest.fixture
def answering(answering_on):
    """A server that answers every request with its `status` and records the path of each."""
    with answering_on("127.0.0.1") as server:
        yield server


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False), (301, False)])
def test_a_server_is_ready_only_when_its_probe_answers_200(answering, status, expected):
    answering.status = status
    assert is_ready(answering.server_port) is expected
    assert answering.asked == ["/ready"]


def test_a_port_without_a_listener_is_not_ready():
    assert is_ready(free_port()) is False


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "[::]", "::1", "[::1]", "127.0.0.1"])
def test_a_server_is_asked_on_the_address_on_which_it_listens(answering_on, host):
    address = "::1" if ":" in host else "127.0.0.1"
    with answering_on(address) as server:
        assert is_ready(server.server_port, host)


@pytest.mark.slow
@pytest.mark.parametrize("script", ["serve.sh", "serve-dev.sh"])
def test_a_container_starts_says_when_it_is_ready_and_stops_when_told(
    script, prepared_folder, tmp_path
):
    port = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tokenwheel.settings",
        "VENV": str(Path(sys.executable).parent.parent),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "TOKENWHEEL_DATA_DIR": str(tmp_path),
        "TOKENWHEEL_STATIC_DIR": str(prepared_folder.static_dir),  # as the images have them
        "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
        "WHEEL_MODELS": "smollm2-135m",
        "DOWNLOAD": "smollm2-135m",
    }
    ask = [sys.executable, str(PROJECT / "scripts" / "is_ready.py")]
    process = subprocess.Popen(
        [PROJECT / "scripts" / script], cwd=PROJECT, env=environment, start_new_session=True
    )

    def says_that_it_is_ready():
        assert process.poll() is None
        return subprocess.run(ask, env=environment, check=False).returncode == 0

    try:
        wait_until(says_that_it_is_ready, poll_s=0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=HANGING_S) == 0
        assert not is_ready(port)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
