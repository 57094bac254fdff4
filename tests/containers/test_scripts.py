"""The scripts that containers run: serving, serving with hot reload, and the health check."""

import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from bench.server import free_port
from scripts.is_ready import accepted_host, is_ready
from tests.containers.files import PROJECT
from tests.serving import serving
from tests.waiting import HANGING_S, wait_until


class AnsweringServer(HTTPServer):
    status = 200

    def __init__(self, *args):
        self.asked = []
        super().__init__(*args)


@pytest.fixture
def answering():
    """A server that answers every request with its `status` and records path and host of each."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append((self.path, self.headers["Host"]))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = AnsweringServer(("127.0.0.1", 0), Handler)
    with serving(server):
        yield server


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False), (301, False)])
def test_a_server_is_ready_only_when_its_probe_answers_200(answering, status, expected):
    answering.status = status
    assert is_ready(answering.server_port, "wheel.example") is expected
    assert answering.asked == [("/ready", "wheel.example")]


def test_a_port_without_a_listener_is_not_ready():
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
def test_the_health_check_uses_a_host_name_that_the_server_allows(allowed_hosts, name):
    assert accepted_host(allowed_hosts) == name


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
