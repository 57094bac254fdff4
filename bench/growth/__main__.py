"""Simulates Token Wheel from one class to a million students, and prints the deployments.

    python -m bench.growth [--times var/service_times.json] [--chart var/growth.svg]
                           [--hop-ms 1] [--active-share 0.1] [--core-hour-price 0.05]

Prints a table in Markdown and writes a chart. Without `--times`, the service times are those
measured for the documentation, so that the same options give the same output on any machine.
"""

import argparse
import os
import sys
from dataclasses import fields, replace
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

import django

from bench.growth import report
from bench.growth.chart import write_chart
from bench.growth.service_times import MEASURED, ServiceTimes
from bench.growth.shards import plan
from bench.growth.sizing import Assumptions, TargetOutOfReachError

CLASSES = (1, 10, 100, 1_000, 10_000)
MOST_STUDENTS = 1_000_000
HOP_MS = 1.0  # assumed for a network with its proxies; measured within one machine: less than 0.1


def main() -> None:
    arguments = parse_arguments()
    django.setup()
    assumptions = Assumptions(
        **{field.name: getattr(arguments, field.name) for field in fields(Assumptions)}
    )
    times = ServiceTimes.read(arguments.times)
    times = replace(times, hop_s=arguments.hop_ms / 1000)
    if arguments.transfer_ms is not None:
        times = replace(times, transfer_s=arguments.transfer_ms / 1000)
    click = times.api if arguments.api else times.page
    sizes = [num_classes * assumptions.class_size for num_classes in CLASSES]
    try:
        plans = [plan(size, assumptions, times, click) for size in (*sizes, MOST_STUDENTS)]
    except TargetOutOfReachError as error:
        sys.exit(f"The targets are out of reach: {error}")
    print("\n".join(report.lines(plans, assumptions, times, click)))
    write_chart(plans, arguments.chart)
    print(f"\n{arguments.chart}")


def parse_arguments() -> argparse.Namespace:
    """With an option for each of the assumptions."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=Path, default=MEASURED)
    parser.add_argument("--chart", type=Path, default=Path("var/growth.svg"))
    parser.add_argument("--hop-ms", type=float, default=HOP_MS, help="between two processes")
    parser.add_argument("--transfer-ms", type=float, help="of logits, instead of the measured time")
    parser.add_argument("--api", action="store_true", help="clients of the API instead of pages")
    for field in fields(Assumptions):
        option = f"--{field.name.replace('_', '-')}"
        parser.add_argument(option, type=type(field.default), default=field.default)
    return parser.parse_args()


if __name__ == "__main__":
    main()
