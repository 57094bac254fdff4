"""`manage.py benchmark`: this machine, the engine and the server, against the naive way."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from bench.chart import write_chart
from bench.report import milliseconds, report, row
from bench.suite import Classes, ModelFigures, Results
from wheel.errors import ModelUnavailableError
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import GPT2, GPT2_MEDIUM, SMOLLM2_135M

MakeModel = Callable[[], Any]  # gives a transformers model


class Command(BaseCommand):
    help = (
        "Measures this machine's engine and server side by side with the naive way, in under "
        "five minutes; prints tables, and writes benchmark.json and benchmark.svg."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-http", action="store_true", help="Measure the engine only.")
        parser.add_argument(
            "--layers",
            action="store_true",
            help="Only try all ways of multiplying matrices, those that are not used too.",
        )
        parser.add_argument(
            "--output", type=Path, default=Path(settings.DATA_DIR), help="A folder."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from bench.engine import Bench  # noqa: PLC0415 - torch

        if options["layers"]:
            self._try_layers()
            return
        results = Results()
        models = self._models()
        classes = None if options["no_http"] else Classes(results)
        total = len(models) * Bench.num_figures() + (classes.num_steps() if classes else 0)
        with tqdm(total=total) as progress:
            if classes is not None:  # first, while this process is still small
                for what in classes.run():
                    progress.set_description(what)
                    progress.update()
            self._measure_models(models, results, progress)
        self.stdout.write(report(results))
        self._write(results, options["output"])

    def _try_layers(self) -> None:
        from bench.layers import NUM_ROWS, trials  # noqa: PLC0415 - torch

        self.stdout.write(row("rows", *(str(num_rows) for num_rows in NUM_ROWS)))
        for trial in trials():
            times = [milliseconds(trial.seconds[num_rows]) for num_rows in NUM_ROWS]
            self.stdout.write(row(trial.name, *times))

    def _models(self) -> dict[str, MakeModel]:
        from bench.random_models import random_model  # noqa: PLC0415 - torch
        from wheel.language_models.weights import load_weights  # noqa: PLC0415 - torch

        models: dict[str, MakeModel] = {
            spec.model_id: lambda spec=spec: random_model(spec.model_id)  # type: ignore[misc]
            for spec in (GPT2, GPT2_MEDIUM)
        }
        try:
            folder = locate_model(SMOLLM2_135M, settings.TRANSFORMERS_CACHE)
        except ModelUnavailableError as error:
            self.stderr.write(error.detail)
        else:
            models[SMOLLM2_135M.model_id] = lambda: load_weights(folder)
        return models

    def _measure_models(
        self,
        models: dict[str, MakeModel],
        results: Results,
        progress: "tqdm[Any]",
    ) -> None:
        from bench.engine import Bench  # noqa: PLC0415 - torch

        for model_id, make_model in models.items():
            progress.set_description(model_id)
            bench = Bench(make_model())
            figures = []
            for figure in bench.figures():
                figures.append(figure)
                progress.update()
            results.models.append(
                ModelFigures(model_id, bench.bandwidth, bench.weight_bytes, figures)
            )

    def _write(self, results: Results, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmark.json").write_text(json.dumps(results.as_dict(), indent=1))
        if results.classes:
            write_chart(results, folder / "benchmark.svg")
        self.stdout.write(f"\nwritten to {folder}")
