"""The whole benchmark: simulated classes over HTTP, the web side alone, then the engine with each
model."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import http_scenarios, web_side
from bench.engine import EngineBenchmark
from bench.plain_models import load_plain
from bench.random_models import random_model
from bench.results import ModelFigures, Results
from bench.runners import RunnerBenchmark
from wheel.errors import ModelUnavailableError
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import GPT2, GPT2_MEDIUM, SMOLLM2_135M

MakeModel = Callable[[], Any]  # returns a transformers model
Models = dict[str, MakeModel]  # by model id


class Suite:
    """`run()` measures step by step and fills `results`."""

    def __init__(self, models: Models, *, with_http: bool) -> None:
        self.results = Results()
        self._models = models
        self._with_http = with_http

    @property
    def num_steps(self) -> int:
        num_http_steps = http_scenarios.NUM_STEPS + 1 if self._with_http else 0
        num_figures = EngineBenchmark.num_figures() + RunnerBenchmark.num_figures()
        return num_http_steps + len(self._models) * num_figures

    def run(self) -> Iterator[str]:
        """Yield the name of each step when it is complete, `num_steps` in all."""
        if self._with_http:  # first, before this process holds any weights
            yield from http_scenarios.run_scenarios(self.results)
            self.results.web_side_s = web_side.measure_own()
            yield "the web side alone"
        for model_id, make_model in self._models.items():
            yield from self._measure_engine(model_id, make_model)

    def _measure_engine(self, model_id: str, make_model: MakeModel) -> Iterator[str]:
        model = make_model()
        benchmark = EngineBenchmark(model)
        figures = []
        for figure in benchmark.figures():
            figures.append(figure)
            yield f"{model_id}: {figure.name}"
        runners = []
        for figures_of_rows in RunnerBenchmark(model).figures():
            runners.append(figures_of_rows)
            yield f"{model_id}: runners, {figures_of_rows.num_rows} rows"
        self.results.models.append(
            ModelFigures(model_id, benchmark.bandwidth, benchmark.weight_bytes, figures, runners)
        )


def available_models(models_dir: Path) -> tuple[Models, list[str]]:
    """The models to measure, and a sentence for each whose files are missing.

    GPT-2's shapes have random weights, since speed does not depend on the values.
    """
    models: Models = {
        spec.model_id: lambda spec=spec: random_model(spec.model_id)  # type: ignore[misc]
        for spec in (GPT2, GPT2_MEDIUM)
    }
    try:
        folder = locate_model(SMOLLM2_135M, models_dir)
    except ModelUnavailableError as error:
        return models, [error.detail]
    return models | {SMOLLM2_135M.model_id: lambda: load_plain(folder)}, []
