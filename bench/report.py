"""The results as tables for a terminal, and as files."""

import json
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.chart import write_chart
from bench.http_scenarios import CLASS_SIZE, THINK_S
from bench.layers import NUM_ROWS, Trial
from bench.results import ClassFigures, ModelFigures, Results
from bench.students import Outcome, Scenario
from wheel.language_models.registry import GPT2, SMOLLM2_135M

CLASS_COLUMN = 58
SINGLE_STEP_GOALS = {GPT2.model_id: "1.5x", SMOLLM2_135M.model_id: "2x"}


def tables(results: Results) -> str:
    return "\n".join(lines(results))


def write_files(results: Results, folder: Path) -> None:
    """Write benchmark.json, and benchmark.svg if classes were measured."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmark.json").write_text(json.dumps(results.as_dict(), indent=1))
    if results.classes:
        write_chart(results, folder / "benchmark.svg")


def layer_lines(trials: Iterable[Trial]) -> Iterator[str]:
    """One line for each trial as soon as it is measured."""
    yield row("rows", *(str(num_rows) for num_rows in NUM_ROWS))
    for trial in trials:
        times = [milliseconds(trial.seconds[num_rows]) for num_rows in NUM_ROWS]
        yield row(trial.name, *times)


def lines(results: Results) -> Iterator[str]:
    for model in results.models:
        yield from model_lines(model)
        yield from runner_lines(model)
    if results.classes:
        yield from class_lines(results)
        yield from web_side_lines(results)
        yield from goal_lines(results)


def model_lines(model: ModelFigures) -> Iterator[str]:
    yield ""
    yield (
        f"{model.model_id}: at {model.bandwidth / 1e9:.1f} GB/s from memory, reading the weights "
        f"once takes {milliseconds(model.limit_s)}"
    )
    yield row("", "ours", "naive", "ratio", "over limit")
    for figure in model.figures:
        yield row(
            figure.name,
            milliseconds(figure.ours_s),
            milliseconds(figure.naive_s),
            multiple(figure.ratio),
            multiple(figure.ours_s / model.limit_s),
        )


def runner_lines(model: ModelFigures) -> Iterator[str]:
    """A line for each number of rows and library."""
    if not model.runners:
        return
    yield ""
    yield f"{model.model_id}: one decode step, of batches of so many rows"
    yield row("", "step", "over limit", "over products")
    for figures in model.runners:
        for step in figures.steps:
            yield row(
                f"{figures.num_rows} with {step.name}",
                milliseconds(step.step_s),
                multiple(step.step_s / figures.limit_s),
                multiple(step.step_s / figures.products_s),
            )


def class_lines(results: Results) -> Iterator[str]:
    yield ""
    yield "over HTTP, GPT-2's shape: spins a second, median of a spin, p95 of click to result"
    yield row("", "ours", "naive", "ratio", "", width=CLASS_COLUMN)
    for figures in results.classes:
        ours, naive = figures.ours, figures.naive
        yield row(
            figures.scenario.name,
            f"{ours.spins_per_s:.1f}/s",
            f"{naive.spins_per_s:.1f}/s" if naive else "",
            multiple(figures.rate_ratio),
            "",
            width=CLASS_COLUMN,
        )
        yield row(
            "",
            milliseconds(statistics.median(ours.spin_s)),
            milliseconds(statistics.median(naive.spin_s)) if naive else "",
            multiple(figures.latency_ratio),
            "",
            width=CLASS_COLUMN,
        )
        yield row(
            "",
            milliseconds(p95(ours)),
            milliseconds(p95(naive)) if naive else "",
            "",
            "",
            width=CLASS_COLUMN,
        )


def web_side_lines(results: Results) -> Iterator[str]:
    if results.web_side_s:
        yield ""
        yield "the web side alone, with a null model: CPU time of a spin and the next wheel"
    for client, seconds in results.web_side_s.items():
        yield row(client, milliseconds(seconds), width=CLASS_COLUMN)


def goal_lines(results: Results) -> Iterator[str]:
    """The performance goals beside what was measured."""
    yield ""
    yield row("goals", "naive", "ours", "to reach", "", width=CLASS_COLUMN)
    for name, naive, ours, goal in goals(results):
        yield row(name, naive, ours, goal, "", width=CLASS_COLUMN)


def goals(results: Results) -> Iterator[tuple[str, str, str, str]]:
    """Name, the naive figure, ours, and the figure to reach."""
    gpt2 = results.model(GPT2.model_id)
    for length in (5, 250):
        step = gpt2.of(f"one token after {length}")
        yield (
            f"decode step after {length} tokens, over the bandwidth limit",
            multiple((step.naive_s or 0) / gpt2.limit_s),
            multiple(step.ours_s / gpt2.limit_s),
            "1.35x",
        )
    single, many = (
        gpt2.of("one token for each of 1"),
        gpt2.of(f"one token for each of {CLASS_SIZE}"),
    )
    yield (
        "batch 30 step against 30 single steps",
        "1.00",
        f"{many.ours_s / (CLASS_SIZE * single.ours_s):.2f}",
        "0.15",
    )
    for model in results.models:
        yield from step_goals(model)
    flat_out = results.of(Scenario(CLASS_SIZE, 60))
    yield from one_goal("spins/s, 30 students flat out, 60 words", flat_out, "20x", is_rate=True)
    alone = results.of(Scenario(1, 250))
    yield from one_goal("median of a spin, 1 student, 250 words", alone, "25x", is_rate=False)
    thinking = results.of(Scenario(CLASS_SIZE, 60, think_s=THINK_S))
    yield (
        "p95 click to result, 30 students, 4 s of thinking, 60 words",
        milliseconds(p95(thinking.naive)) if thinking.naive else "",
        milliseconds(p95(thinking.ours)),
        "60 ms",
    )
    known = gpt2.of("a known context again")
    yield (
        "engine time of a known context",
        milliseconds(known.naive_s),
        precise_milliseconds(known.ours_s),
        "1 ms",
    )
    yield (
        "ready after start",
        f"{results.naive_ready_s:.1f} s",
        f"{results.ready_s:.1f} s",
        "4 s",
    )


def step_goals(model: ModelFigures) -> Iterator[tuple[str, str, str, str]]:
    """Of the faster library: a single step beside the reading of the weights, and that of a class
    beside its products."""
    for figures in model.runners:
        step_s = min(step.step_s for step in figures.steps)
        if figures.num_rows == 1 and model.model_id in SINGLE_STEP_GOALS:
            name = f"{model.model_id}, step of one row, over the bandwidth limit"
            yield name, "", multiple(step_s / figures.limit_s), SINGLE_STEP_GOALS[model.model_id]
        if figures.num_rows == CLASS_SIZE:
            name = f"{model.model_id}, step of {CLASS_SIZE} rows, over its products"
            yield name, "", multiple(step_s / figures.products_s), "1.25x"


def one_goal(
    name: str, figures: ClassFigures, goal: str, *, is_rate: bool
) -> Iterator[tuple[str, str, str, str]]:
    ratio = figures.rate_ratio if is_rate else figures.latency_ratio
    yield name, "1x", multiple(ratio), goal


def p95(outcome: Outcome) -> float:
    """The 95th percentile of seconds from click to result; the largest of fewer than 20 values."""
    ranked = sorted(outcome.click_s)
    return ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))]


def milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1e3:.1f} ms"


def precise_milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.3f} ms"


def multiple(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.1f}x"


def row(name: str, *cells: str, width: int = 30) -> str:
    return (f"{name:{width}}" + "".join(f"{cell:>14}" for cell in cells)).rstrip()
