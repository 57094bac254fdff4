"""What this machine can do, and how close the engine comes: naive and batching side by side.

Speed does not depend on the values of weights, so GPT-2's shapes are measured on random ones.
"""

import copy
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from transformers import PreTrainedModel

from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.model_runner import ModelRunner
from wheel.engine.naive_engine import full_forward
from wheel.engine.prefix_cache import PrefixCache

BATCH_SIZES = (1, 4, 8, 16, 30)
PREFILL_LENGTHS = (64, 256, 1000)
CONTEXT_LENGTHS = (5, 250)
BATCH_CONTEXT_LENGTH = 60
MAX_RUNS = 15
MAX_SECONDS = 0.3
GIGABYTE = 10**9
BANDWIDTH_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing: median seconds of ours, and of the naive way to the same result."""

    name: str
    ours_s: float
    naive_s: float | None = None

    @property
    def ratio(self) -> float | None:
        """Naive time over ours; above 1 is faster."""
        return self.naive_s / self.ours_s if self.naive_s else None


def median_s(run: Callable[[], object]) -> float:
    """Median seconds of some runs after a first one, which counts only where it is slow itself."""
    times = [seconds_of(run)]
    if times[0] < MAX_SECONDS:
        times = [seconds_of(run)]
    while sum(times) < MAX_SECONDS and len(times) < MAX_RUNS:
        times.append(seconds_of(run))
    return statistics.median(times)


def seconds_of(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def read_bandwidth() -> float:
    """Bytes a second that all cores together read from memory."""
    block = torch.ones(BANDWIDTH_BYTES // 4)
    return BANDWIDTH_BYTES / statistics.median(seconds_of(block.sum) for _ in range(5))


def weight_bytes(model: PreTrainedModel) -> int:
    """What one decode step has to read: all parameters, each once."""
    return sum(parameter.nbytes for parameter in model.parameters())


class Bench:
    """The figures of one model: of a plain forward pass, and of an engine that has a copy of it."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._bandwidths = [read_bandwidth()]
        self._plain = model
        self.weight_bytes = weight_bytes(self._plain)
        self._vocabulary_size = int(self._plain.config.vocab_size)
        self._random = np.random.default_rng(0)
        runner = ModelRunner(copy.deepcopy(model))
        self._engine = BatchingEngine(
            lambda _: runner,
            logits_cache=LogitsCache(100 * 1024 * 1024),
            prefix_cache=PrefixCache(2 * GIGABYTE),
        )

    @staticmethod
    def num_figures() -> int:
        return len(BATCH_SIZES) + len(PREFILL_LENGTHS) + len(CONTEXT_LENGTHS) + 1

    @property
    def bandwidth(self) -> float:
        """Bytes a second, the median of readings taken beside each figure: it comes and goes
        with what else runs on the machine."""
        return statistics.median(self._bandwidths)

    def figures(self) -> Iterator[Figure]:
        for figure in self._figures():
            self._bandwidths.append(read_bandwidth())
            yield figure
        self.stop()

    def _figures(self) -> Iterator[Figure]:
        for length in CONTEXT_LENGTHS:
            yield self.step(length)
        yield from self.batches()
        for length in PREFILL_LENGTHS:
            yield self.prefill(length)
        yield self.repeat()

    def step(self, length: int) -> Figure:
        """One token more after `length`, against a full forward pass over all of it."""
        text = self._text(length)
        naive_s = median_s(lambda: full_forward(self._plain, text))
        return Figure(f"one token after {length}", self._step_s([text]), naive_s)

    def batches(self) -> Iterator[Figure]:
        """One token more for many at once, against a naive pass for each."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        self._ask([text])
        for size in BATCH_SIZES:
            texts = [(*text, self._token()) for _ in range(size)]  # what is alike is read once
            yield Figure(
                f"one token for each of {size}", self._step_s(texts), size * self._naive_pass_s
            )

    def prefill(self, length: int) -> Figure:
        ours_s = median_s(lambda: self._ask([self._text(length)]))
        text = self._text(length)
        naive_s = median_s(lambda: full_forward(self._plain, text))
        return Figure(f"a prompt of {length}", ours_s, naive_s)

    def repeat(self) -> Figure:
        """The same once more, as after undo, a reload, or by a class with one prompt."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        self._ask([text])
        ours_s = median_s(lambda: self._ask([text]))
        return Figure("a known context again", ours_s, self._naive_pass_s)

    @cached_property
    def _naive_pass_s(self) -> float:
        """Of a plain forward pass over a text of the length that batches have."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        return median_s(lambda: full_forward(self._plain, text))

    def stop(self) -> None:
        self._engine.stop()

    def _step_s(self, texts: list[tuple[int, ...]]) -> float:
        """Seconds of one decode step for each text, on prefixes that are known."""
        self._ask(texts)

        def step() -> None:
            texts[:] = [(*text, self._token()) for text in texts]
            self._ask(texts)

        return median_s(step)

    def _ask(self, texts: list[tuple[int, ...]]) -> None:
        wait([self._engine.next_logits("benchmark", text) for text in texts])

    def _text(self, length: int) -> tuple[int, ...]:
        return tuple(self._random.integers(self._vocabulary_size, size=length).tolist())

    def _token(self) -> int:
        return int(self._random.integers(self._vocabulary_size))
