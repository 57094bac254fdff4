"""A Redis server for a test, on a free port, that keeps nothing on disk unless told to."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from bench.server import free_port
from tests.waiting import wait_until


@dataclass(frozen=True)
class RedisServer:
    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Keep all connections open and answer none of them, like a machine that swaps."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)


@contextmanager
def running_redis(
    folder: Path, *, port: int | None = None, options: Sequence[str] = ()
) -> Iterator[RedisServer]:
    port = port or free_port()
    keep_nothing = ["--save", "", "--appendonly", "no"]
    with running_server(["--port", str(port), *keep_nothing, *options], folder, port) as server:
        yield server


@contextmanager
def running_server(arguments: Sequence[str], folder: Path, port: int) -> Iterator[RedisServer]:
    """redis-server with these arguments; one of them is the port."""
    program = shutil.which("redis-server")
    assert program, "redis-server is not installed: apt-get install redis-server"
    log = folder / "redis.log"
    own_folder = ["--bind", "127.0.0.1", "--dir", str(folder), "--logfile", str(log)]
    process = subprocess.Popen(
        [program, *arguments, *own_folder],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(port, process, log))
        yield RedisServer(process, port)
    finally:
        process.kill()  # ends a frozen process too
        process.wait()


def answers(port: int, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, f"redis-server has ended: {log.read_text()}"
    with redis.Redis(host="127.0.0.1", port=port) as client:
        try:
            client.ping()
        except redis.AuthenticationError:
            return True  # a refused password is an answer
        except redis.ConnectionError:
            return False
        return True
