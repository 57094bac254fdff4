"""A real Redis for tests, on a free port, without persistence."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from bench.server import free_port

START_TIMEOUT_S = 20


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
        """Stop the processes, which keep their connections: as on a machine that swaps."""
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
    own_place = ["--bind", "127.0.0.1", "--dir", str(folder), "--logfile", str(log)]
    process = subprocess.Popen(
        [program, *arguments, *own_place],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_it_answers(port, process, log)
        yield RedisServer(process, port)
    finally:
        process.kill()  # ends a frozen process too
        process.wait()


def wait_until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    with redis.Redis(host="127.0.0.1", port=port) as client:
        while time.monotonic() < give_up_at:
            assert process.poll() is None, f"redis-server has ended: {log.read_text()}"
            try:
                client.ping()
            except redis.AuthenticationError:
                return  # it answers
            except redis.ConnectionError:
                time.sleep(0.01)
            else:
                return
    raise TimeoutError(f"redis-server did not answer within {START_TIMEOUT_S} seconds")
