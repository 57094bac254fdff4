"""Figures of each web process that are not counted by request: engine, models, processor time.

Each process writes them to a file of its own. The process that answers `/metrics` adds them up.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tokenwheel.log_once import log_exception_once
from wheel.engine.statistics import EngineStatistics, added_up, counters_of

logger = logging.getLogger(__name__)

PREFIX = "figures_"
ENDED = "ended"  # in the name of the file with the sums of ended processes


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """Of one process, or of all that have ended together.

    engine            of the engine in the process; zeros if the engine is elsewhere
    cpu_seconds       processor time of all threads
    num_ready_models  models that are loaded
    """

    engine: EngineStatistics
    cpu_seconds: float
    num_ready_models: int


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """Of all processes of a server. Ended processes are part of what only increases.

    engine            sums
    cpu_seconds       sum
    num_ready_models  models that are loaded in every live process
    pids              live processes
    """

    engine: EngineStatistics
    cpu_seconds: float
    num_ready_models: int
    pids: Sequence[int]


def write(folder: Path, process: int | str, figures: WorkerFigures) -> None:
    """Replace the file of a process at once. Raises `OSError`."""
    path = figures_file(folder, process)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(figures)))
    new.replace(path)


def read(path: Path) -> WorkerFigures:
    """Raises `OSError`, and `ValueError`, `TypeError` or `KeyError` for a damaged file."""
    fields: dict[str, Any] = json.loads(path.read_text())
    return WorkerFigures(**fields | {"engine": EngineStatistics(**fields["engine"])})


def read_all(folder: Path) -> ServerFigures:
    """Files that cannot be read are logged and skipped."""
    by_process = dict(readable_files(folder))
    live = {int(pid): figures for pid, figures in by_process.items() if pid != ENDED}
    return ServerFigures(
        engine=added_up(figures.engine for figures in by_process.values()),
        cpu_seconds=sum(figures.cpu_seconds for figures in by_process.values()),
        num_ready_models=min((one.num_ready_models for one in live.values()), default=0),
        pids=sorted(live),
    )


def readable_files(folder: Path) -> Iterator[tuple[str, WorkerFigures]]:
    for path in folder.glob(f"{PREFIX}*.json"):
        try:
            figures = read(path)
        except (OSError, ValueError, TypeError, KeyError) as error:
            log_exception_once(logger, error, "Skipped the unreadable metrics file %s", path)
        else:
            yield path.stem.removeprefix(PREFIX), figures


def retire(folder: Path, pid: int) -> None:
    """Add the figures of a process that has ended to the sums, and remove its file. Raises as
    `read` and `write` do."""
    path, sums_path = figures_file(folder, pid), figures_file(folder, ENDED)
    if path.exists():
        known = [read(sums_path)] if sums_path.exists() else []
        write(folder, ENDED, ended([*known, read(path)]))
        path.unlink()
    path.with_suffix(".new").unlink(missing_ok=True)


def ended(processes: Iterable[WorkerFigures]) -> WorkerFigures:
    processes = list(processes)
    return WorkerFigures(
        engine=counters_of(added_up(figures.engine for figures in processes)),
        cpu_seconds=sum(figures.cpu_seconds for figures in processes),
        num_ready_models=0,
    )


def figures_file(folder: Path, process: int | str) -> Path:
    return folder / f"{PREFIX}{process}.json"
