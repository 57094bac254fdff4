"""A server process on this machine, started as by `make run`, with its own settings."""

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

from tokenwheel.listening import local_host

HANGING_S = 600.0  # far longer than the slowest machine needs


class ServerDidNotStartError(Exception):
    """The message is the server's log."""


class ServerProcess:
    """gunicorn on a free port of 127.0.0.1, unless `environment` names another `HOST`, with its
    database and log in `data_dir`. `environment` is added to the environment of this process."""

    manage = (sys.executable, "manage.py")
    probe = "/ready"  # asked at the start
    poll_s = 0.02
    command: tuple[str, ...] = (str(Path(sys.executable).with_name("gunicorn")),)

    def __init__(self, data_dir: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.folder: Path = settings.BASE_DIR  # the current one of the process
        self._log_path = data_dir / "server.log"
        self.environment = (
            os.environ
            | {"TOKENWHEEL_DATA_DIR": str(data_dir), "HOST": "127.0.0.1", "PORT": str(self.port)}
            | environment
        )
        self._host = local_host(self.environment["HOST"])
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Run `manage.py prepare` in the data folder."""
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(  # noqa: S603
            [*self.manage, "prepare"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def start(self) -> float:
        """Returns the seconds until it was ready."""
        started = time.perf_counter()
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self.command,
                cwd=self.folder,
                env=self.environment,
                stderr=log,
                start_new_session=True,
            )
        while not self._is_ready():
            is_hanging = time.perf_counter() - started > HANGING_S
            if is_hanging or self._process.poll() is not None:
                raise ServerDidNotStartError(self.log())
            time.sleep(self.poll_s)
        return time.perf_counter() - started

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def terminate(self) -> None:
        """Send SIGTERM to the master, as systemd and Docker do. Does not wait."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self) -> int | None:
        """Wait for the end; returns the status, None if it was never started."""
        return None if self._process is None else self._process.wait(timeout=HANGING_S)

    def kill(self) -> None:
        """`kill -9` the master and its worker at once."""
        self._end(signal.SIGKILL)

    def log(self) -> str:
        return self._log_path.read_text()

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)
            self._process.wait(timeout=HANGING_S)

    def _is_ready(self) -> bool:
        with closing(http.client.HTTPConnection(self._host, self.port, timeout=5)) as connection:
            try:
                connection.request("GET", self.probe)
                return connection.getresponse().status == http.HTTPStatus.OK
            except OSError:
                return False


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
