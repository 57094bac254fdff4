"""A real server process, as `make run` starts it, on a free port and a database of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 90


class Server:
    """data_dir: where its database is; the models are those of `make setup`."""

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = data_dir / "server.log"
        self._env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tokenwheel.settings",
            "TOKENWHEEL_DATA_DIR": str(data_dir),
            "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
            "PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "prepare"], cwd=ROOT, env=self._env, check=True
        )

    def start(self) -> None:
        gunicorn = Path(sys.executable).with_name("gunicorn")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [gunicorn], cwd=ROOT, env=self._env, stderr=log, start_new_session=True
            )
        self._wait_until_ready()

    def stop(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9`, of the master and its worker at once."""
        self._signal(signal.SIGKILL)

    def log(self) -> str:
        return self._log.read_text()

    def get(self, path: str, **query: Any) -> requests.Response:
        return requests.get(self.url + path, params=query, timeout=60)

    def post(self, path: str, body: Any = None) -> requests.Response:
        return requests.post(self.url + path, json=body or {}, timeout=60)

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)
            self._process.wait(timeout=60)

    def _wait_until_ready(self) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up_at:
            assert self._process is not None
            assert self._process.poll() is None, self.log()
            try:
                if self.get("/ready").status_code == 200:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready in {START_TIMEOUT_S} s\n{self.log()}")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
