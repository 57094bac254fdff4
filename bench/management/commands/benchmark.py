"""`manage.py benchmark`: options and output of `bench.suite` and `bench.layers`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from bench import layers, peers, report
from bench.suite import Suite, available_models


class Command(BaseCommand):
    help = (
        "Measures this machine's engine and server, and compares them with the naive engine, in "
        "about five minutes; prints tables, and writes benchmark.json and benchmark.svg."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-http", action="store_true", help="Measure the engine only.")
        parser.add_argument(
            "--layers",
            action="store_true",
            help="Only measure all implementations of a matrix product, with the unused ones.",
        )
        parser.add_argument(
            "--output", type=Path, default=Path(settings.DATA_DIR), help="A folder."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["layers"]:
            self._measure_layers()
        else:
            self._run_suite(with_http=not options["no_http"], folder=options["output"])

    def _measure_layers(self) -> None:
        for line in report.layer_lines(layers.trials()):
            self.stdout.write(line)

    def _run_suite(self, *, with_http: bool, folder: Path) -> None:
        models, notes = available_models(settings.TRANSFORMERS_CACHE)
        for note in notes:
            self.stderr.write(note)
        suite = Suite(models, with_http=with_http)
        with tqdm(total=suite.num_steps) as progress:
            for step_name in suite.run():
                progress.set_description(step_name)
                progress.update()
        self.stdout.write(report.tables(suite.results))
        report.write_files(suite.results, folder)
        self.stdout.write("")
        for line in peers.lines():
            self.stdout.write(line)
        self.stdout.write(f"\nwritten to {folder}")
