"""Memory, file descriptors and processor time of all web processes of a server together."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from prometheus_client import ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tokenwheel import shared_metrics

CPU = "process_cpu_seconds"  # of one process, which ends with it
NOT_ADDED: dict[str, Callable[[Iterable[float]], float]] = {
    "process_start_time_seconds": max,  # changes when a process was replaced
    "process_max_fds": min,
}


class WorkersCollector(Collector):
    """The metrics of `ProcessCollector`, added up over the live processes. Processor time includes
    processes that have ended, so that it only increases. Linux only, but for processor time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        figures = shared_metrics.read_figures(self._folder)
        yield from combined(process for pid in figures.pids for process in metrics_of(pid))
        yield CounterMetricFamily(
            CPU, "Total user and system CPU time spent in seconds.", figures.cpu_seconds
        )


def metrics_of(pid: int) -> Iterable[Metric]:
    """Empty if the process has ended meanwhile, and without /proc."""
    return ProcessCollector(pid=partial(int, pid), registry=None).collect()


def combined(metrics: Iterable[Metric]) -> Iterator[Metric]:
    """One gauge for all metrics of one name."""
    values: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for metric in metrics:
        if metric.name != CPU:
            values[metric.name, metric.documentation] += [s.value for s in metric.samples]
    for (name, documentation), numbers in values.items():
        combine = NOT_ADDED.get(name, sum)
        yield GaugeMetricFamily(name, documentation, combine(numbers))
