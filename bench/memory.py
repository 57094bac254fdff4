"""The memory of a server at work: samples of its metrics, and the slope of the line through them.

The server needs `WHEEL_METRICS=true`, and Linux: elsewhere the metrics do not include memory.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from statistics import linear_regression
from urllib.request import urlopen

SAMPLE_INTERVAL_S = 2.0
WARM_UP_PART = 0.2  # of the whole duration: caches and threads are allocated then
TIMEOUT_S = 30.0
RESIDENT = "process_resident_memory_bytes"
CACHES = "tokenwheel_cache_bytes"

Memory = tuple[float, float]


@dataclass(frozen=True, slots=True)
class MemorySample:
    """Resident bytes of the process and bytes of its caches, `at_s` seconds after the start."""

    at_s: float
    resident_bytes: float
    cache_bytes: float


@contextmanager
def sampled_memory(
    read: Callable[[], Memory], interval_s: float = SAMPLE_INTERVAL_S
) -> Iterator[list[MemorySample]]:
    """A list that grows by one sample in each interval. A failed reading is left out."""
    samples: list[MemorySample] = []
    is_over = threading.Event()
    started = time.perf_counter()

    def sample() -> None:
        while not is_over.wait(interval_s):
            with suppress(OSError):
                samples.append(MemorySample(time.perf_counter() - started, *read()))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        is_over.set()
        thread.join()


def read_memory(port: int) -> Memory:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT_S) as answer:
        return memory_in(answer.read().decode())


def memory_in(metrics: str) -> Memory:
    """Resident bytes, and the sum of the bytes of all caches, from the text of `/metrics`."""
    return total(metrics, RESIDENT), total(metrics, CACHES)


def total(metrics: str, name: str) -> float:
    values = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", metrics, re.MULTILINE)
    return sum(float(value) for value in values)


def summary(samples: Sequence[MemorySample], duration_s: float) -> str:
    """One line. Samples of the warm-up, and those after `duration_s`, are not on the line."""
    warm_up_s = duration_s * WARM_UP_PART
    fitted = [sample for sample in samples if warm_up_s <= sample.at_s <= duration_s]
    if len(fitted) < 2:
        return f"memory: only {len(fitted)} samples after the warm-up"
    last = fitted[-1]
    resident = megabytes_per_hour(fitted, lambda sample: sample.resident_bytes)
    rest = megabytes_per_hour(fitted, lambda sample: sample.resident_bytes - sample.cache_bytes)
    return (
        f"memory: {last.resident_bytes / 1e6:.0f} MB at the end, {last.cache_bytes / 1e6:.0f} MB "
        f"of it in caches; slope after {warm_up_s:.0f} s of warm-up: {resident:+.0f} MB/hour, "
        f"{rest:+.0f} MB/hour without the caches ({len(fitted)} samples)"
    )


def megabytes_per_hour(
    samples: Sequence[MemorySample], bytes_of: Callable[[MemorySample], float]
) -> float:
    """The slope of the least-squares line through the samples."""
    line = linear_regression([s.at_s for s in samples], [bytes_of(s) for s in samples])
    return line.slope * 3600 / 1e6
