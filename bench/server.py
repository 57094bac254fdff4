"""A server process on this machine, as `make run` starts it, with settings of its own."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from django.conf import settings

START_TIMEOUT_S = 90.0
POLL_S = 0.02


class ServerDidNotStartError(Exception):
    """What it wrote to its log is in the message."""


class ServerProcess:
    """gunicorn on a free port of 127.0.0.1. `data_dir` is where its database and log are, and
    `environment` is put on top of this process's own."""

    def __init__(self, data_dir: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._log_path = data_dir / "server.log"
        self._environment = (
            os.environ
            | {"TOKENWHEEL_DATA_DIR": str(data_dir), "HOST": "127.0.0.1", "PORT": str(self.port)}
            | environment
        )
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make its database and its files, once."""
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "manage.py", "prepare"]
        subprocess.run(  # noqa: S603
            command, cwd=settings.BASE_DIR, env=self._environment, check=True, capture_output=True
        )

    def start(self) -> float:
        """Returns the seconds until it was ready."""
        gunicorn = Path(sys.executable).with_name("gunicorn")
        started = time.perf_counter()
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [gunicorn],
                cwd=settings.BASE_DIR,
                env=self._environment,
                stderr=log,
                start_new_session=True,
            )
        while not self._is_ready():
            has_ended = self._process.poll() is not None
            if has_ended or time.perf_counter() - started > START_TIMEOUT_S:
                raise ServerDidNotStartError(self.log())
            time.sleep(POLL_S)
        return time.perf_counter() - started

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9`, of the master and its worker at once."""
        self._end(signal.SIGKILL)

    def log(self) -> str:
        return self._log_path.read_text()

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)
            self._process.wait(timeout=60)

    def _is_ready(self) -> bool:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            try:
                connection.request("GET", "/ready")
                return connection.getresponse().status == http.HTTPStatus.OK
            except OSError:
                return False


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
