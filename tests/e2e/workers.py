"""Clients of a server with several web processes, each of which talks to one certain process."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import requests

from tests.e2e.server import Server
from tests.waiting import HANGING_S, wait_until


class WorkerClient:
    """Sends all requests over connections that one process has accepted: each is opened while the
    other processes are stopped."""

    _one_connects = threading.Lock()  # two that stop each other's process would wait forever

    def __init__(self, server: Server, pid: int) -> None:
        self.pid = pid
        self._server = server
        self.http = requests.Session()
        self.http.trust_env = False

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
        if not self._is_connected():
            self._connect()
        return self._request(method, path, **options)

    def _connect(self) -> None:
        others = [pid for pid in self._server.worker_pids() if pid != self.pid]
        with self._one_connects, stopped(others):
            self._request("GET", "/health")
        assert self._is_connected()

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, self._server.url + path, timeout=HANGING_S, **options)

    def _is_connected(self) -> bool:
        """Whether the connection of the last answer is open still. The pool keeps one at a time."""
        pools = self.http.get_adapter(self._server.url).poolmanager.pools  # type: ignore[attr-defined]
        idle = [pools[key].pool.queue for key in pools.keys()]  # noqa: SIM118 - no iterator
        return any(one is not None and one.is_connected for queue in idle for one in queue)


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
