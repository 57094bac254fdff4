"""Clients of a server with several web processes, each of which talks to one certain process."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import requests

from tests.e2e.server import Server
from tests.waiting import HANGING_S, wait_until


class WorkerClient:
    """Sends all requests over one connection. It was opened while all other processes were stopped,
    so this one has accepted it."""

    def __init__(self, server: Server, pid: int) -> None:
        self.pid = pid
        self._url = server.url
        self.http = requests.Session()
        self.http.trust_env = False
        with stopped([other for other in server.worker_pids() if other != pid]):
            self.get("/health")

    def get(self, path: str, **options: Any) -> requests.Response:
        return self._send("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self._send("POST", path, json=body or {}, **options)

    def post_form(self, path: str, **fields: Any) -> requests.Response:
        """With the token that Django expects of a form. A redirect is not followed."""
        fields["csrfmiddlewaretoken"] = self.http.cookies["csrftoken"]
        return self._send("POST", path, data=fields, allow_redirects=False)

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.get("/ready").status_code == 200)

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = self.http.request(method, self._url + path, timeout=HANGING_S, **options)
        pools = self.http.get_adapter(self._url).poolmanager.pools  # type: ignore[attr-defined]
        (pool,) = [pools[key] for key in pools.keys()]  # noqa: SIM118 - no iterator
        assert pool.num_connections == 1, "another process may have answered"
        return answer


def connect_to_all(server: Server, num_processes: int) -> list[WorkerClient]:
    """One client for each process, when all of them are ready."""
    wait_until(lambda: len(server.worker_pids()) == num_processes)
    clients = [WorkerClient(server, pid) for pid in server.worker_pids()]
    for client in clients:
        client.wait_until_ready()
    return clients


@contextmanager
def stopped(pids: Sequence[int]) -> Iterator[None]:
    """Processes that do nothing meanwhile."""
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: all(map(is_stopped, pids)))
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def is_stopped(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip().startswith("T")
