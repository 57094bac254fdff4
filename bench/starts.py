"""Starts of the servers of several checkouts with the real SmolLM2, one after the other, in turn.

    python -m bench.starts [--runs N] CHECKOUT[,NAME=VALUE...]...

A checkout may be followed by settings, such as `.,WHEEL_ENGINE_PROCESS=true`. Each has its own
`.venv`; the models are those of `TRANSFORMERS_CACHE`. Prints the seconds from the start of the
process until `/ready` answers, and the CPU seconds of its processes until then and while they
stop. Needs gunicorn, so not Windows.
"""

import argparse
import os
import resource
import tempfile
from pathlib import Path
from statistics import median

import django

from bench.checkouts import CheckoutServer

MODELS = {"WHEEL_MODELS": "smollm2-135m"}


class StartedServer(CheckoutServer):
    poll_s = 0.1  # each question takes time of the core that imports

    def measure(self) -> tuple[float, float]:
        """Seconds until ready, and CPU seconds, of one start."""
        before_s = cpu_of_children_s()
        try:
            ready_s = self.start()
        finally:
            self.stop()
        return ready_s, cpu_of_children_s() - before_s


def cpu_of_children_s() -> float:
    """Of the child processes that have ended, and of their children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure_starts(variants: list[str], num_runs: int, folder: Path) -> None:
    servers = [
        StartedServer(variant, folder / f"{idx}", MODELS) for idx, variant in enumerate(variants)
    ]
    for server in servers:
        server.prepare()
    figures = [[server.measure() for server in servers] for _ in range(num_runs)]
    for variant, runs in zip(variants, zip(*figures, strict=True), strict=True):
        ready, cpu = zip(*runs, strict=True)
        print(f"{variant}: ready {summary(ready)}, CPU {summary(cpu)}")


def summary(values_s: tuple[float, ...]) -> str:
    runs = ", ".join(f"{value:.1f}" for value in values_s)
    return f"{median(values_s):.1f} s ({runs})"


def main() -> None:
    parser = argparse.ArgumentParser(description="Starts of the servers of several checkouts.")
    parser.add_argument("variants", metavar="CHECKOUT[,NAME=VALUE...]", nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure_starts(arguments.variants, arguments.runs, Path(folder))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
    django.setup()
    main()
