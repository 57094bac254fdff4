"""The benchmark's results. A ratio compares the naive engine with ours; above 1 is faster."""

import statistics
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.students import Outcome, Scenario


@dataclass(frozen=True, slots=True)
class Figure:
    """Median seconds of one task with our engine, and with the naive one if measured."""

    name: str
    ours_s: float
    naive_s: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.naive_s / self.ours_s if self.naive_s else None


@dataclass(frozen=True, slots=True)
class RunnerFigure:
    """Median seconds of a decode step with the library `name`."""

    name: str
    step_s: float


@dataclass(frozen=True, slots=True)
class RunnerFigures:
    """Decode steps of all runners with this number of rows.

    limit_s     seconds of reading the weights once
    products_s  seconds of the step's products of matrices at the processor's peak
    """

    num_rows: int
    limit_s: float
    products_s: float
    steps: list[RunnerFigure]


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """The engine's figures for one model.

    bandwidth     bytes a second that this machine read from memory during the measurement
    weight_bytes  bytes of all parameters, which one decode step has to read
    """

    model_id: str
    bandwidth: float
    weight_bytes: int
    figures: list[Figure]
    runners: list[RunnerFigures] = field(default_factory=list)

    @property
    def limit_s(self) -> float:
        """Seconds of reading the weights once, the lower bound of a decode step."""
        return self.weight_bytes / self.bandwidth

    def of(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One scenario on a server with our engine, and with the naive one if measured."""

    scenario: Scenario
    ours: Outcome
    naive: Outcome | None

    @property
    def rate_ratio(self) -> float | None:
        """Our spins a second over those of the naive engine."""
        return self.ours.spins_per_s / self.naive.spins_per_s if self.naive else None

    @property
    def latency_ratio(self) -> float | None:
        """The naive median of a spin over ours."""
        if self.naive is None:
            return None
        return statistics.median(self.naive.spin_s) / statistics.median(self.ours.spin_s)


@dataclass(slots=True)
class Results:
    models: list[ModelFigures] = field(default_factory=list)
    classes: list[ClassFigures] = field(default_factory=list)
    ready_s: float = 0.0
    naive_ready_s: float = 0.0
    web_side_s: dict[str, float] = field(default_factory=dict)  # CPU time a spin, by the client

    def model(self, model_id: str) -> ModelFigures:
        return next(model for model in self.models if model.model_id == model_id)

    def of(self, scenario: Scenario) -> ClassFigures:
        return next(figures for figures in self.classes if figures.scenario == scenario)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
