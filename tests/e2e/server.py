"""A real server process, as `make run` starts it, on a free port and with a database of its own."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from bench.server import ServerProcess
from tests.processes import children_of
from tests.waiting import HANGING_S


class Server(ServerProcess):
    """`data_dir` holds its database and log, `static_dir` its static files; the models are those
    of `make setup`."""

    def __init__(self, data_dir: Path, static_dir: Path, **environment: str) -> None:
        super().__init__(
            data_dir,
            {
                "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
                "TOKENWHEEL_STATIC_DIR": str(static_dir),
                **environment,
            },
        )
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)  # set by pytest; `make run` has none
        self.url = f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **query: Any) -> requests.Response:
        return requests.get(self.url + path, params=query, timeout=HANGING_S)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return requests.post(self.url + path, json=body or {}, timeout=HANGING_S, **options)

    def worker_pids(self) -> list[int]:
        assert self._process is not None
        return children_of(self._process.pid)

    def kill_worker(self) -> None:
        """`kill -9`; the master starts another worker."""
        (pid,) = self.worker_pids()
        os.kill(pid, signal.SIGKILL)

    def kill_master(self) -> None:
        """`kill -9` the master alone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


class WaitressServer(Server):
    """The same, as on Windows: waitress serves."""

    command = (sys.executable, "-m", "tokenwheel")

    def __init__(self, data_dir: Path, static_dir: Path, **environment: str) -> None:
        super().__init__(data_dir, static_dir, SERVER="waitress", **environment)


class PreparedFolder:
    """A data folder on which `manage.py prepare` has run. Its servers share the static files and
    start with copies of the database, so that the time for both is spent once."""

    def __init__(self, folder: Path) -> None:
        self.static_dir = folder / "static"
        self._data_dir = folder / "data"
        Server(self._data_dir, self.static_dir).prepare()

    def new_server(
        self, data_dir: Path, server_class: type[Server] = Server, **environment: str
    ) -> Server:
        """A server with a database, which is not started yet."""
        server = server_class(data_dir, self.static_dir, **environment)
        if "DATABASE_URL" in environment:
            server.prepare()
        else:
            shutil.copy(self._data_dir / "db.sqlite3", data_dir)
        return server

    @contextmanager
    def running_server(
        self, data_dir: Path, server_class: type[Server] = Server, **environment: str
    ) -> Iterator[Server]:
        server = self.new_server(data_dir, server_class, **environment)
        try:
            server.start()
            yield server
        finally:
            server.stop()
