"""Counters and histograms of all web processes of a server together, from their files."""

import logging
from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tokenwheel.log_once import log_exception_once
from tokenwheel.shared_metrics import locked

logger = logging.getLogger(__name__)


class SharedValuesCollector(Collector):
    """As prometheus_client's `MultiProcessCollector`, but skips a file that cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        """Raises `filelock.Timeout`."""
        with locked(self._folder):
            names = [str(path) for path in self._folder.glob("*.db") if is_readable(path)]
            metrics: Iterable[Metric] = MultiProcessCollector.merge(names)
        return metrics


def is_readable(path: Path) -> bool:
    """Reads the file once more than needed: an error in `merge` does not say in which file."""
    try:
        MultiProcessCollector.merge([str(path)])
    except Exception as error:  # noqa: BLE001 - damage to a file has no error of its own
        log_exception_once(logger, error, "Skipped the unreadable metrics file %s", path)
        return False
    return True
