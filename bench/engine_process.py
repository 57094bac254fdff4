"""Throughput, latency and CPU time with the engine in the web process, and in one of its own.

    python -m bench.engine_process [--rounds N] [--seconds S] [--model MODEL]

Three servers with a model of `TRANSFORMERS_CACHE` get the same load in turn, in each round. Their
processor time is that of all their processes (Linux only).
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import django
from django.conf import settings

from bench import students
from bench.http_scenarios import CLASS_SIZE, NO_LIMITS
from bench.server import ServerProcess
from bench.students import Scenario

VARIANTS = {
    "in the web process": {},
    "own process": {"WHEEL_ENGINE_PROCESS": "true"},
    "own process, 2 web processes": {"WHEEL_ENGINE_PROCESS": "true", "WEB_PROCESSES": "2"},
}
SCENARIOS = [Scenario(CLASS_SIZE, 60), Scenario(1, 60)]
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PARENT, USER_TIME, SYSTEM_TIME = 1, 11, 12  # fields of /proc/<pid>/stat after the name


@dataclass
class Figures:
    """Of one variant and scenario, each a value for each round."""

    spins_per_s: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    click_ms: list[float] = field(default_factory=list)
    spin_ms: list[float] = field(default_factory=list)

    def add(self, outcome: students.Outcome, cpu_s: float, seconds: float) -> None:
        self.spins_per_s.append(outcome.spins_per_s)
        self.cpu_ms.append(1000 * cpu_s / (outcome.spins_per_s * seconds))
        self.click_ms.append(1000 * median(outcome.click_s))
        self.spin_ms.append(1000 * median(outcome.spin_s))

    def __str__(self) -> str:
        return (
            f"{summary(self.spins_per_s)} spins/s, CPU {summary(self.cpu_ms)} ms a spin, "
            f"result {summary(self.click_ms)} ms, with next wheel {summary(self.spin_ms)} ms"
        )


class MeasuredServer(ServerProcess):
    def cpu_s(self) -> float:
        """Of the server's live processes."""
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


def measure(model_id: str, num_rounds: int, seconds: float, folder: Path) -> None:
    servers = {name: new_server(folder / name, model_id, VARIANTS[name]) for name in VARIANTS}
    figures = {(name, scenario): Figures() for name in servers for scenario in SCENARIOS}
    try:
        for server in servers.values():
            server.prepare()
            server.start()
        for _ in range(num_rounds):
            for (name, scenario), collected in figures.items():
                before_s = servers[name].cpu_s()
                outcome = students.run(
                    scenario, servers[name].port, seconds, fetch_wheel_first=True
                )
                collected.add(outcome, servers[name].cpu_s() - before_s, seconds)
    finally:
        for server in servers.values():
            server.stop()
    for (name, scenario), collected in figures.items():
        print(f"{scenario.name}; {name}: {collected}")


def new_server(data_dir: Path, model_id: str, variant: dict[str, str]) -> MeasuredServer:
    environment = {
        "TOKENWHEEL_STATIC_DIR": str(data_dir.parent / "static"),
        "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
        "WHEEL_MODELS": model_id,
        "LOG_LEVEL": "ERROR",
    }
    return MeasuredServer(data_dir, environment | NO_LIMITS | variant)


def summary(values: Sequence[float]) -> str:
    return f"{median(values):.1f} ({', '.join(f'{value:.1f}' for value in values)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--model", default="smollm2-135m")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(arguments.model, arguments.rounds, arguments.seconds, Path(folder))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
    django.setup()
    main()
