"""Processes of a Ray Serve that a test has started, found by the token in their environment."""

from collections.abc import Iterator
from contextlib import suppress

import psutil


def processes_of(ray_token: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("RAY_AUTH_TOKEN") == ray_token:
                yield process


def replica_pids(ray_token: str) -> set[int]:
    """Of the replicas that have been made, whatever their model."""
    pids = set()
    for process in processes_of(ray_token):
        with suppress(psutil.Error):
            if " ".join(process.cmdline()).startswith("ray::ServeReplica:"):
                pids.add(process.pid)
    return pids


def listening_addresses(ray_token: str) -> set[str]:
    """The addresses on which these processes accept TCP connections."""
    addresses = set()
    for process in processes_of(ray_token):
        with suppress(psutil.Error):
            addresses |= {
                connection.laddr.ip
                for connection in process.net_connections("tcp")
                if connection.status == psutil.CONN_LISTEN
            }
    return addresses
