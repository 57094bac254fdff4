"""A real PostgreSQL for tests, on a free port, in a temporary folder."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench.server import free_port

START_TIMEOUT_S = 60
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
UNPRIVILEGED_USER = (
    "postgres"  # PostgreSQL refuses to run as root; Debian's package creates this user
)


@dataclass
class PostgresServer:
    folder: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"postgres://wheel@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        with (self.folder / "postgres.log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [
                        *unprivileged(),
                        str(find_program("postgres")),
                        *("-D", str(self.folder / "data"), "-p", str(self.port)),
                        *("-h", "127.0.0.1", "-k", "", "-F"),
                    ],
                    stdout=log,
                    stderr=log,
                )
            )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up_at:
            log = (self.folder / "postgres.log").read_text()
            assert self.processes[-1].poll() is None, f"PostgreSQL has ended: {log}"
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError(f"PostgreSQL did not answer within {START_TIMEOUT_S} seconds")

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self.processes[-1].wait()

    def freeze(self) -> None:
        """Stop the processes, which keep their connections: as on a machine that swaps."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        """To the server and to its process for each connection."""
        for pid in with_children(self.processes[-1].pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


@contextmanager
def running_postgres(folder: Path) -> Iterator[PostgresServer]:
    data = folder / "data"
    data.mkdir()
    if os.getuid() == 0:
        shutil.chown(data, UNPRIVILEGED_USER)
        for parent in (folder, *folder.parents):  # the unprivileged user must be able to enter
            if parent.stat().st_uid == 0 and parent.stat().st_mode & 0o011 != 0o011:
                parent.chmod(parent.stat().st_mode | 0o011)
    options = ["-U", "wheel", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run(
        [*unprivileged(), str(find_program("initdb")), "-D", str(data), *options],
        check=True,
        capture_output=True,
        cwd=data,
    )
    server = PostgresServer(folder, free_port())
    try:
        server.start()
        yield server
    finally:
        server.kill()


def unprivileged() -> list[str]:
    return ["setpriv", f"--reuid={UNPRIVILEGED_USER}", "--clear-groups"] * (os.getuid() == 0)


def find_program(name: str) -> Path:
    """Debian installs the server's programs by version, outside PATH."""
    found = sorted(DEBIAN_PROGRAMS.glob(f"*/bin/{name}"))
    on_path = shutil.which(name)
    assert found or on_path, "PostgreSQL is not installed: apt-get install postgresql"
    return found[-1] if found else Path(str(on_path))


def with_children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [pid, *(int(child) for child in listed.stdout.split())]
