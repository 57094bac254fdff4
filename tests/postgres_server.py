"""A PostgreSQL server for a test, on a free port and with data of its own."""

import atexit
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bench.server import free_port
from tests.processes import children_of
from tests.waiting import wait_until

DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
UNPRIVILEGED_USER = "postgres"  # the server refuses to run as root; Debian's package adds this user


@dataclass
class PostgresServer:
    folder: Path
    data: Path
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
                        *("-D", str(self.data), "-p", str(self.port)),
                        *("-h", "127.0.0.1", "-k", "", "-F"),
                    ],
                    stdout=log,
                    stderr=log,
                )
            )
        wait_until(self.answers)

    def answers(self) -> bool:
        log = (self.folder / "postgres.log").read_text()
        assert self.processes[-1].poll() is None, f"PostgreSQL has ended: {log}"
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self.processes[-1].wait()

    def freeze(self) -> None:
        """Keep all connections open and answer none of them, like a machine that swaps."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        """Signal the server, and the process that it has for each connection."""
        server = self.processes[-1].pid
        for pid in (server, *children_of(server)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


@contextmanager
def running_postgres(folder: Path) -> Iterator[PostgresServer]:
    """A server whose log is in `folder`; its data go away with it.

    The data are not in `folder`: other runs of pytest take the right to enter their common parent
    away from other users.
    """
    with TemporaryDirectory(prefix="tokenwheel-postgres-") as parent:
        data = Path(parent) / "data"
        Path(parent).chmod(0o755)
        subprocess.run(["cp", "-a", template_cluster(), data], check=True)
        server = PostgresServer(folder, data, free_port())
        try:
            server.start()
            yield server
        finally:
            server.kill()


@cache
def template_cluster() -> Path:
    """An empty cluster, made once in this process: copying one is much faster than `initdb`."""
    parent = TemporaryDirectory(prefix="tokenwheel-postgres-template-")
    atexit.register(parent.cleanup)
    Path(parent.name).chmod(0o755)
    data = Path(parent.name) / "data"
    data.mkdir()
    if os.getuid() == 0:
        shutil.chown(data, UNPRIVILEGED_USER)
    options = ["-U", "wheel", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run(
        [*unprivileged(), str(find_program("initdb")), "-D", str(data), *options],
        check=True,
        capture_output=True,
        cwd=data,
    )
    return data


def unprivileged() -> list[str]:
    return ["setpriv", f"--reuid={UNPRIVILEGED_USER}", "--clear-groups"] * (os.getuid() == 0)


def find_program(name: str) -> Path:
    """Debian installs the server's programs by version, outside of the path."""
    found = sorted(DEBIAN_PROGRAMS.glob(f"*/bin/{name}"))
    on_path = shutil.which(name)
    assert found or on_path, "PostgreSQL is not installed: apt-get install postgresql"
    return found[-1] if found else Path(str(on_path))
