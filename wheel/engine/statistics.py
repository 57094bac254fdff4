"""Counters of an engine's work, for metrics and tests."""

import threading
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace

BATCH_SIZES = (1, 2, 4, 8, 16, 32)  # upper bounds; a last bucket holds the larger batches


@dataclass(slots=True)
class EngineStatistics:
    """All except the first three only increase.

    num_waiting           requests that are not admitted to a batch yet
    logits_cache_bytes, prefix_cache_bytes   size of the caches now
    num_logits_hits, num_logits_misses       requests answered from the logits cache, and others
    num_prefix_hits, num_prefix_misses       contexts that began with cached tokens, and others
    num_tokens_computed, num_tokens_reused   tokens that went through a model, and tokens that
                                             came from the prefix cache instead
    batch_counts          forward passes by the number of sequences in them, see `BATCH_SIZES`
    num_sequences         sequences in all forward passes together
    """

    num_waiting: int = 0
    logits_cache_bytes: int = 0
    prefix_cache_bytes: int = 0
    num_logits_hits: int = 0
    num_logits_misses: int = 0
    num_prefix_hits: int = 0
    num_prefix_misses: int = 0
    num_tokens_computed: int = 0
    num_tokens_reused: int = 0
    num_sequences: int = 0
    batch_counts: list[int] = field(default_factory=lambda: [0] * (len(BATCH_SIZES) + 1))


def added_up(parts: Iterable[EngineStatistics]) -> EngineStatistics:
    """The sums of the statistics of several engines."""
    parts = list(parts)
    sums: dict[str, int] = {
        item.name: sum(getattr(part, item.name) for part in parts)
        for item in fields(EngineStatistics)
        if item.name != "batch_counts"
    }
    batch_counts = [sum(counts) for counts in zip(*(p.batch_counts for p in parts), strict=True)]
    return EngineStatistics(**sums, batch_counts=batch_counts) if parts else EngineStatistics()


def counters_of(statistics: EngineStatistics) -> EngineStatistics:
    """What an engine that has ended leaves behind: the figures that only increase."""
    return replace(statistics, num_waiting=0, logits_cache_bytes=0, prefix_cache_bytes=0)


def total(statistics: Iterable[EngineStatistics]) -> EngineStatistics:
    """The sums of all figures."""
    summed = EngineStatistics()
    for one in statistics:
        for figure in fields(EngineStatistics):
            value, more = getattr(summed, figure.name), getattr(one, figure.name)
            if isinstance(value, list):
                more = [a + b for a, b in zip(value, more, strict=True)]
                setattr(summed, figure.name, more)
            else:
                setattr(summed, figure.name, value + more)
    return summed


class StatisticsRecorder:
    """Thread-safe counters. The lock is held for a few additions only."""

    def __init__(self) -> None:
        self._statistics = EngineStatistics()
        self._lock = threading.Lock()

    def count_prefix(self, num_tokens: int) -> None:
        """Count a context that was admitted, with `num_tokens` from the prefix cache."""
        with self._lock:
            if num_tokens:
                self._statistics.num_prefix_hits += 1
            else:
                self._statistics.num_prefix_misses += 1
            self._statistics.num_tokens_reused += num_tokens

    def count_pass(self, num_sequences: int, num_tokens: int) -> None:
        """Count a forward pass over `num_tokens` new tokens of `num_sequences` sequences."""
        with self._lock:
            self._statistics.batch_counts[bisect_left(BATCH_SIZES, num_sequences)] += 1
            self._statistics.num_sequences += num_sequences
            self._statistics.num_tokens_computed += num_tokens

    def set_prefix_cache_bytes(self, num_bytes: int) -> None:
        with self._lock:
            self._statistics.prefix_cache_bytes = num_bytes

    def snapshot(self, **figures: int) -> EngineStatistics:
        """A copy, with the figures that the caller counts itself."""
        with self._lock:
            batch_counts = list(self._statistics.batch_counts)
            return replace(self._statistics, batch_counts=batch_counts, **figures)
