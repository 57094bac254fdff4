"""Prometheus metrics at /metrics, if `WHEEL_METRICS` is on: requests, latencies, engine, caches.

Labels have few values, none of them chosen by a client. With several web processes, the figures are
those of all of them together, whichever answers (`shared_metrics`).
"""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from filelock import Timeout
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from tokenwheel import figures_publisher, shared_metrics
from tokenwheel.process_metrics import WorkersCollector
from tokenwheel.shared_values import SharedValuesCollector
from wheel import runtime
from wheel.clock import utc_now
from wheel.engine.statistics import BATCH_SIZES, EngineStatistics
from wheel.sessions import limit as session_limit

RETRY_AFTER_S = 5
LATENCIES_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

FOLDER = shared_metrics.current_folder()  # None: this process counts for itself alone

registry = CollectorRegistry()
own_registry = registry if FOLDER is None else None  # None: the files of all processes are read
requests = Counter(
    "tokenwheel_requests",
    "Requests answered.",
    ["method", "endpoint", "status"],
    registry=own_registry,
)
durations = Histogram(
    "tokenwheel_request_duration_seconds",
    "Seconds until a request was answered.",
    ["endpoint"],
    buckets=LATENCIES_S,
    registry=own_registry,
)


def count_request(method: str, endpoint: str, status: int, seconds: float) -> None:
    requests.labels(method, endpoint, str(status)).inc()
    durations.labels(endpoint).observe(seconds)


def show_metrics(request: HttpRequest) -> HttpResponse:
    if not settings.WHEEL_METRICS:
        raise Http404
    return current_metrics(request)


@require_safe
def current_metrics(request: HttpRequest) -> HttpResponse:
    figures_publisher.publish_now()
    try:
        text = generate_latest(registry)
    except Timeout:
        return HttpResponse(
            "Metrics are being added up. Please try again in a moment.\n",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            content_type="text/plain",
            headers={"Retry-After": str(RETRY_AFTER_S)},
        )
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


class RuntimeCollector(Collector):
    """Reads the statistics of engine and store at the moment of a request. Engine and store may
    take seconds to answer, so the lock of the folder is held only while its files are read."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def describe(self) -> list[Metric]:
        return []  # so that registering this collector does not read them

    def collect(self) -> Iterator[Metric]:
        figures = (
            figures_publisher.own_figures()
            if self._folder is None
            else shared_metrics.read_figures(self._folder)
        )
        is_elsewhere = runtime.is_engine_elsewhere()
        statistics = runtime.current().engine.statistics() if is_elsewhere else figures.engine
        yield from engine_gauges(statistics)
        yield from engine_counters(statistics)
        yield batch_sizes(statistics)
        yield GaugeMetricFamily(
            "tokenwheel_ready_models", "Models that are loaded.", figures.num_ready_models
        )
        try:
            num_live = session_limit.num_live(runtime.current().store, utc_now())
        except DatabaseError:
            return
        yield GaugeMetricFamily("tokenwheel_sessions", "Live wheel sessions.", num_live)


def engine_gauges(statistics: EngineStatistics) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "tokenwheel_engine_waiting", "Requests waiting for the engine.", statistics.num_waiting
    )
    cache_bytes = GaugeMetricFamily(
        "tokenwheel_cache_bytes", "Bytes in a cache of the engine.", labels=["cache"]
    )
    cache_bytes.add_metric(["logits"], statistics.logits_cache_bytes)
    cache_bytes.add_metric(["prefix"], statistics.prefix_cache_bytes)
    yield cache_bytes


def engine_counters(statistics: EngineStatistics) -> Iterator[Metric]:
    lookups = CounterMetricFamily(
        "tokenwheel_cache_lookups",
        "Lookups in the engine's caches. The hit rate is hits divided by hits and misses.",
        labels=["cache", "result"],
    )
    lookups.add_metric(["logits", "hit"], statistics.num_logits_hits)
    lookups.add_metric(["logits", "miss"], statistics.num_logits_misses)
    lookups.add_metric(["prefix", "hit"], statistics.num_prefix_hits)
    lookups.add_metric(["prefix", "miss"], statistics.num_prefix_misses)
    yield lookups
    tokens = CounterMetricFamily(
        "tokenwheel_tokens",
        "Tokens read: computed by a model, or reused from the prefix cache.",
        labels=["source"],
    )
    tokens.add_metric(["computed"], statistics.num_tokens_computed)
    tokens.add_metric(["reused"], statistics.num_tokens_reused)
    yield tokens


def batch_sizes(statistics: EngineStatistics) -> Metric:
    """A histogram; Prometheus counts are cumulative, up to each bound."""
    bounds = [*(str(float(size)) for size in BATCH_SIZES), "+Inf"]
    counts = statistics.batch_counts
    return HistogramMetricFamily(
        "tokenwheel_batch_size",
        "Sequences in a forward pass.",
        buckets=[(bound, sum(counts[: number + 1])) for number, bound in enumerate(bounds)],
        sum_value=statistics.num_sequences,
    )


def register_collectors(target: CollectorRegistry, folder: Path | None) -> None:
    target.register(RuntimeCollector(folder))
    if folder is None:
        ProcessCollector(registry=target)
    else:
        target.register(SharedValuesCollector(folder))
        target.register(WorkersCollector(folder))


register_collectors(registry, FOLDER)
