"""What is measured, in which order, and what the goals are."""

import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import students
from bench.server import ServerProcess
from bench.students import Outcome, Scenario
from wheel.language_models.registry import GPT2

if TYPE_CHECKING:
    from bench.engine import Figure

FLAT_OUT_S = 2.5
THINKING_S = 6.5
THINK_S = 4.0
NUM_WORDS = (10, 60, 250)
CLASS_SIZE = 30
LONG_WORDS = 100  # with longer texts, starting a server anew is faster than letting it finish

ALONE = [Scenario(1, words) for words in NUM_WORDS]
FLAT_OUT = [Scenario(CLASS_SIZE, words) for words in NUM_WORDS]
FLAT_OUT_SHARED = [Scenario(CLASS_SIZE, words, is_shared=True) for words in NUM_WORDS]
THINKING = [Scenario(CLASS_SIZE, words, think_s=THINK_S) for words in NUM_WORDS]
THINKING_SHARED = [Scenario(CLASS_SIZE, 60, is_shared=True, think_s=THINK_S)]

# A naive engine remembers nothing, so prompts in common change nothing for it.
NAIVE_SCENARIOS = [*ALONE, *FLAT_OUT, *THINKING]
OUR_SCENARIOS = [*ALONE, *FLAT_OUT, *FLAT_OUT_SHARED, *THINKING, *THINKING_SHARED]

NO_LIMITS = dict.fromkeys(("LIMIT_SESSION", "LIMIT_ADDRESS", "LIMIT_STARTS"), "")


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """bandwidth: bytes a second that this machine read from memory meanwhile"""

    model_id: str
    bandwidth: float
    weight_bytes: int
    figures: list["Figure"]

    @property
    def limit_s(self) -> float:
        """Reading the weights once."""
        return self.weight_bytes / self.bandwidth

    def of(self, name: str) -> "Figure":
        return next(figure for figure in self.figures if figure.name == name)


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """The same class on our server and on one that works the naive way, where measured."""

    scenario: Scenario
    ours: Outcome
    naive: Outcome | None

    @property
    def rate_ratio(self) -> float | None:
        return self.ours.spins_per_s / self.naive.spins_per_s if self.naive else None

    @property
    def latency_ratio(self) -> float | None:
        """Naive median of a spin over ours."""
        if self.naive is None:
            return None
        return statistics.median(self.naive.spin_s) / statistics.median(self.ours.spin_s)


@dataclass(slots=True)
class Results:
    models: list[ModelFigures] = field(default_factory=list)
    classes: list[ClassFigures] = field(default_factory=list)
    ready_s: float = 0.0
    naive_ready_s: float = 0.0

    def model(self, model_id: str) -> ModelFigures:
        return next(model for model in self.models if model.model_id == model_id)

    def of(self, scenario: Scenario) -> ClassFigures:
        return next(figures for figures in self.classes if figures.scenario == scenario)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Classes:
    """Runs all scenarios on a naive server and on ours, one server after the other, both with a
    model of GPT-2's shape. Yields the name of what it has just measured."""

    def __init__(self, results: Results) -> None:
        self._results = results

    @staticmethod
    def num_steps() -> int:
        return 2 + len(NAIVE_SCENARIOS) + len(OUR_SCENARIOS)

    def run(self) -> Iterator[str]:
        with tempfile.TemporaryDirectory() as folder:
            from bench.random_models import write_checkpoint  # noqa: PLC0415 - torch

            write_checkpoint(Path(folder) / "models", GPT2)
            naive: dict[Scenario, Outcome] = {}
            ours: dict[Scenario, Outcome] = {}
            yield from self._serve(Path(folder), "naive", NAIVE_SCENARIOS, naive)
            yield from self._serve(Path(folder), "batching", OUR_SCENARIOS, ours)
        self._results.classes = [
            ClassFigures(scenario, ours[scenario], naive.get(scenario))
            for scenario in OUR_SCENARIOS
        ]

    def _serve(
        self, folder: Path, engine: str, scenarios: list[Scenario], outcomes: dict[Any, Outcome]
    ) -> Iterator[str]:
        server = ServerProcess(
            folder / engine,
            {
                "WHEEL_ENGINE": engine,
                "WHEEL_MODELS": GPT2.model_id,
                "WHEEL_DEFAULT_MODEL": GPT2.model_id,
                "TRANSFORMERS_CACHE": str(folder / "models"),
                "LOG_LEVEL": "ERROR",
                **NO_LIMITS,
            },
        )
        server.prepare()
        try:
            ready_s = server.start()
            is_naive = engine == "naive"
            if is_naive:
                self._results.naive_ready_s = ready_s
            else:
                self._results.ready_s = ready_s
            yield f"{engine}: ready"
            for scenario in scenarios:
                seconds = THINKING_S if scenario.think_s else FLAT_OUT_S
                outcome = students.run(scenario, server.port, seconds, look_first=not is_naive)
                outcomes[scenario] = outcome
                yield f"{engine}: {scenario.name}"
                if is_naive and outcome.num_unanswered:
                    clear_queue(server, scenario)
        finally:
            server.kill()


def clear_queue(server: ServerProcess, scenario: Scenario) -> None:
    """A server goes on with what nobody waits for any more; the next scenario starts after it."""
    if scenario.num_words > LONG_WORDS:
        server.kill()
        server.start()
    else:  # first come, first served: when this is answered, so is all before it
        students.look_once(server.port)
