"""One real server under the load of `bench.school`, beside the simulation of the same load.

    python -m bench.growth.check [--students 30] [--seconds 60] [--times var/service_times.json]

Starts a server with SmolLM2; Locust's students spin over the API. Prints clicks a second, and
median and 95th percentile of both requests, measured and simulated. The simulation gives the web
process and the engine cores of their own, and this machine runs both, and Locust, on its cores: so
the measured latencies are longer the fewer cores it has.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings

from bench import school
from bench.growth.service_times import MEASURED, ServiceTimes
from bench.growth.simulation import Deployment, Load, Outcome, percentile, simulate
from bench.http_scenarios import NO_LIMITS
from bench.locust_run import RequestFigures
from bench.server import ServerProcess
from tokenwheel.environment import exit_on_setting_error

NUM_WORDS = 10


def main() -> None:
    arguments = parse_arguments()
    times = ServiceTimes.read(arguments.times)
    figures = measured(arguments.students, arguments.seconds)
    load = Load(
        arguments.students,
        school.THINK_S,
        is_think_random=False,
        duration_s=arguments.seconds,
    )
    print(f"{arguments.students} students, {arguments.seconds:.0f} s, {times.processor}")
    outcome = simulate(load, Deployment(1, 1), without_hops(times), times.api)
    print("\n".join(table(figures, outcome, arguments.seconds)))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=Path, default=MEASURED)
    return parser.parse_args()


def without_hops(times: ServiceTimes) -> ServiceTimes:
    """Of one process with the embedded database."""
    return replace(times, hop_s=0.0, transfer_s=0.0)


def measured(num_students: int, seconds: float) -> list[RequestFigures]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE), **NO_LIMITS}
        server = ServerProcess(Path(folder), environment)
        server.prepare()
        server.start()
        try:
            return school.load(num_students, NUM_WORDS, seconds, flood_s=0).run(server.port)
        finally:
            server.stop()


def table(figures: Sequence[RequestFigures], outcome: Outcome, seconds: float) -> list[str]:
    """`seconds`: of the measured load. Its students join one after the other, so its rate is a
    little low."""
    spin, wheel = (of_kind(figures, name) for name in ("spin", "next wheel"))
    lines = [f"{'':24}{'measured':>12}{'simulated':>12}"]
    rate = spin.num_requests / seconds
    lines.append(f"{'clicks a second':24}{rate:>12.1f}{outcome.clicks_per_s:>12.1f}")
    for name, percent in (("median", 50), ("95 %", 95)):
        result_ms = percentile(outcome.result_s, percent) * 1000
        wheel_ms = percentile(outcome.wheel_s, percent) * 1000
        lines += [
            f"{f'result, {name}, ms':24}{spin.percentile_ms(percent):>12.0f}{result_ms:>12.0f}",
            f"{f'next wheel, {name}, ms':24}{wheel.percentile_ms(percent):>12.0f}{wheel_ms:>12.0f}",
        ]
    return lines


def of_kind(figures: Sequence[RequestFigures], name: str) -> RequestFigures:
    """With no requests if Locust has counted none."""
    return next((each for each in figures if each.name == name), RequestFigures(name, 0, 0, {}))


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
