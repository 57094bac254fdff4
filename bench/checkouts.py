"""Servers of several checkouts, with settings, for comparisons of one version with another."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.server import ServerProcess

OWN_CHECKOUT = Path(__file__).resolve().parents[1]
TICK_S = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01
PARENT, USER_TIME, SYSTEM_TIME = 1, 11, 12  # fields of /proc/<pid>/stat after the name


class CheckoutServer(ServerProcess):
    """`variant` is the folder of a checkout and settings after it: `.,WEB_PROCESSES=2`. Another
    checkout than this one has a `.venv` of its own."""

    def __init__(self, variant: str, data_dir: Path, environment: Mapping[str, str]) -> None:
        folder, *assignments = variant.split(",")
        checkout = Path(folder).resolve()
        own = dict(text.split("=", 1) for text in assignments)
        super().__init__(data_dir, {**environment, **own})
        is_own = checkout == OWN_CHECKOUT
        binaries = Path(sys.executable).parent if is_own else checkout / ".venv" / "bin"
        self.folder = checkout
        self.manage = (str(binaries / "python"), str(checkout / "manage.py"))
        self.command = (str(binaries / "gunicorn"),)

    def cpu_s(self) -> float:
        """Processor time of the server's live processes so far. Linux only."""
        assert self._process is not None
        by_pid = {
            int(path.parent.name): stat_of(path) for path in Path("/proc").glob("[0-9]*/stat")
        }
        family = {self._process.pid}
        for pid in sorted(by_pid):  # children after their parents, as long as pids do not wrap
            if by_pid[pid] and int(by_pid[pid][PARENT]) in family:
                family.add(pid)
        ticks = [int(by_pid[pid][USER_TIME]) + int(by_pid[pid][SYSTEM_TIME]) for pid in family]
        return sum(ticks) * TICK_S


def stat_of(path: Path) -> Sequence[str]:
    """Empty if the process has ended meanwhile."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return ()
