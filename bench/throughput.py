"""Throughput, latency and CPU time of the servers of several checkouts, with a class flat out.

    python -m bench.throughput [--rounds N] [--seconds S] [--model MODEL]
        CHECKOUT[,NAME=VALUE...]...

A checkout may be followed by settings, such as `.,WHEEL_ENGINE_PROCESS=true`. Each has its own
`.venv`. The servers run at the same time, with a model of `TRANSFORMERS_CACHE`, and get the same
load in turn, in each round. The first round also reads the prompts. Their processor time is that
of all their processes (Linux only).
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
from bench.checkouts import CheckoutServer
from bench.http_scenarios import CLASS_SIZE, NO_LIMITS
from bench.students import Scenario

SCENARIOS = [Scenario(CLASS_SIZE, 60), Scenario(1, 60)]


@dataclass
class Figures:
    """Of one server and scenario, each a value for each round."""

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


def measure(
    variants: list[str], model_id: str, num_rounds: int, seconds: float, folder: Path
) -> None:
    servers = {
        variant: CheckoutServer(variant, folder / f"{idx}", environment_of(model_id))
        for idx, variant in enumerate(variants)
    }
    figures = {(name, scenario): Figures() for scenario in SCENARIOS for name in servers}
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


def environment_of(model_id: str) -> dict[str, str]:
    return {
        "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
        "WHEEL_MODELS": model_id,
        "LOG_LEVEL": "ERROR",
        **NO_LIMITS,
    }


def summary(values: Sequence[float]) -> str:
    return f"{median(values):.1f} ({', '.join(f'{value:.1f}' for value in values)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("variants", metavar="CHECKOUT[,NAME=VALUE...]", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--model", default="smollm2-135m")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(
            arguments.variants,
            arguments.model,
            arguments.rounds,
            arguments.seconds,
            Path(folder),
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
    django.setup()
    main()
