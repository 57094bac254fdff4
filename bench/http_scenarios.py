"""Scenarios of simulated classes, run over HTTP on servers with the naive engine and with ours."""

import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import students
from bench.random_models import write_checkpoint
from bench.results import ClassFigures, Results
from bench.server import ServerProcess
from bench.students import Outcome, Scenario
from wheel.language_models.registry import GPT2

FLAT_OUT_S = 2.5
THINKING_S = 6.5
THINK_S = 4.0
NUM_WORDS = (10, 60, 250)
CLASS_SIZE = 30
LONG_WORDS = 100  # with longer prompts, a restart is faster than waiting for the queue

ALONE = [Scenario(1, words) for words in NUM_WORDS]
FLAT_OUT = [Scenario(CLASS_SIZE, words) for words in NUM_WORDS]
FLAT_OUT_SHARED = [Scenario(CLASS_SIZE, words, is_shared=True) for words in NUM_WORDS]
THINKING = [Scenario(CLASS_SIZE, words, think_s=THINK_S) for words in NUM_WORDS]
THINKING_SHARED = [Scenario(CLASS_SIZE, 60, is_shared=True, think_s=THINK_S)]

# The naive engine caches nothing, so a shared prompt makes no difference to it.
NAIVE_SCENARIOS = [*ALONE, *FLAT_OUT, *THINKING]
OUR_SCENARIOS = [*ALONE, *FLAT_OUT, *FLAT_OUT_SHARED, *THINKING, *THINKING_SHARED]
NUM_STEPS = 2 + len(NAIVE_SCENARIOS) + len(OUR_SCENARIOS)

NO_LIMITS = dict.fromkeys(("LIMIT_SESSION", "LIMIT_ADDRESS", "LIMIT_STARTS"), "")


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """Seconds from the start of a server until it was ready, and the outcome of each scenario."""

    ready_s: float
    outcomes: dict[Scenario, Outcome]


def run_scenarios(results: Results) -> Iterator[str]:
    """Fill `results` with the figures of two servers, run one after the other, with GPT-2's shape.

    Yields the name of each step when it is complete, `NUM_STEPS` in all.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder) / "models", GPT2)
        naive = yield from measure_server(Path(folder), "naive", NAIVE_SCENARIOS)
        ours = yield from measure_server(Path(folder), "batching", OUR_SCENARIOS)
    results.naive_ready_s, results.ready_s = naive.ready_s, ours.ready_s
    results.classes = [
        ClassFigures(scenario, ours.outcomes[scenario], naive.outcomes.get(scenario))
        for scenario in OUR_SCENARIOS
    ]


def measure_server(
    folder: Path, engine: str, scenarios: list[Scenario]
) -> Generator[str, None, ServerFigures]:
    """Run the scenarios on a new server with this engine; `folder` holds the models."""
    is_naive = engine == "naive"
    outcomes = {}
    server = new_server(folder, engine)
    server.prepare()
    try:
        ready_s = server.start()
        yield f"{engine}: ready"
        for scenario in scenarios:
            outcome = students.run(
                scenario,
                server.port,
                THINKING_S if scenario.think_s else FLAT_OUT_S,
                fetch_wheel_first=not is_naive,
            )
            outcomes[scenario] = outcome
            yield f"{engine}: {scenario.name}"
            if is_naive and outcome.num_unanswered:
                clear_queue(server, scenario)
    finally:
        server.kill()
    return ServerFigures(ready_s, outcomes)


def new_server(folder: Path, engine: str) -> ServerProcess:
    return ServerProcess(
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


def clear_queue(server: ServerProcess, scenario: Scenario) -> None:
    """Wait for the requests of disconnected clients, or restart the server, so that the next
    scenario starts on an idle server."""
    if scenario.num_words > LONG_WORDS:
        server.kill()
        server.start()
    else:  # the queue is first in, first out: this request is answered after all before it
        students.fetch_one_wheel(server.port)
