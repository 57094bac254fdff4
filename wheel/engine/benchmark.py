"""What this machine can do, and how close the engine comes: naive and batching side by side.

Speed does not depend on the values of weights, so GPT-2's shapes are measured on random ones.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from transformers import PreTrainedModel

from wheel.engine.engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.model_runner import ModelRunner
from wheel.engine.naive_engine import full_forward
from wheel.engine.prefix_cache import PrefixCache

BATCH_SIZES = (1, 4, 8, 16, 30)
PREFILL_LENGTHS = (64, 256, 1000)
CONTEXT_LENGTHS = (5, 250)
BATCH_CONTEXT_LENGTH = 60
MIN_RUNS = 3
MAX_RUNS = 15
MAX_SECONDS = 0.6
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


@dataclass(frozen=True, slots=True)
class Error:
    """How far probabilities are from those of another engine, over many contexts.

    largest  absolute difference of any token's probability
    kl_nats  sum p ln(p / q), mean and largest over the contexts; p is the exact distribution
    """

    largest: float
    mean_kl_nats: float
    largest_kl_nats: float


def median_s(run: Callable[[], object]) -> float:
    """Median seconds of some runs, after one that does not count; fewer where they are slow."""
    run()
    times: list[float] = []
    while len(times) < MIN_RUNS or (sum(times) < MAX_SECONDS and len(times) < MAX_RUNS):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def read_bandwidth() -> float:
    """Bytes a second that all cores together read from memory."""
    block = torch.ones(BANDWIDTH_BYTES // 4)
    return BANDWIDTH_BYTES / median_s(block.sum)


def weight_bytes(model: PreTrainedModel) -> int:
    """What one decode step has to read: all parameters, each once."""
    return sum(parameter.nbytes for parameter in model.parameters())


class Bench:
    """The figures of one model. `make_model` is called twice: for a plain forward pass, and for
    the engine to take over, with its weights in `dtype`."""

    def __init__(
        self, make_model: Callable[[], PreTrainedModel], dtype: torch.dtype = torch.float32
    ) -> None:
        self._plain = make_model()
        self.weight_bytes = weight_bytes(self._plain)
        self._vocabulary_size = int(self._plain.config.vocab_size)
        self._random = np.random.default_rng(0)
        runner = ModelRunner(make_model(), dtype)
        self._engine = BatchingEngine(
            lambda _: runner,
            logits_cache=LogitsCache(100 * 1024 * 1024),
            prefix_cache=PrefixCache(2 * GIGABYTE),
        )

    @staticmethod
    def num_figures() -> int:
        return len(BATCH_SIZES) + len(PREFILL_LENGTHS) + len(CONTEXT_LENGTHS) + 1

    def figures(self) -> Iterator[Figure]:
        for length in CONTEXT_LENGTHS:
            yield self.step(length)
        yield from self.batches()
        for length in PREFILL_LENGTHS:
            yield self.prefill(length)
        yield self.repeat()
        self._engine.stop()

    def step(self, length: int) -> Figure:
        """One token more after `length`, against a full forward pass over all of it."""
        text = self._text(length)
        naive_s = median_s(lambda: full_forward(self._plain, text))
        return Figure(f"one token after {length}", self._step_s([text]), naive_s)

    def batches(self) -> Iterator[Figure]:
        """One token more for many at once, against a naive pass for each."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        naive_s = median_s(lambda: full_forward(self._plain, text))
        for size in BATCH_SIZES:
            texts = [self._text(BATCH_CONTEXT_LENGTH) for _ in range(size)]
            yield Figure(f"one token for each of {size}", self._step_s(texts), size * naive_s)

    def prefill(self, length: int) -> Figure:
        ours_s = median_s(lambda: self._ask([self._text(length)]))
        text = self._text(length)
        naive_s = median_s(lambda: full_forward(self._plain, text))
        return Figure(f"a prompt of {length}", ours_s, naive_s)

    def repeat(self) -> Figure:
        """The same once more, as after undo, a reload, or by a class with one prompt."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        naive_s = median_s(lambda: full_forward(self._plain, text))
        return Figure("a known context again", median_s(lambda: self._ask([text])), naive_s)

    def error(self, texts: list[tuple[int, ...]]) -> Error:
        """Of the engine's probabilities against those of a plain forward pass."""
        largest, kls = 0.0, []
        for text in texts:
            exact = log_probs(full_forward(self._plain, text))
            ours = log_probs(self._engine.next_logits("benchmark", text).result())
            largest = max(largest, float(np.abs(np.exp(exact) - np.exp(ours)).max()))
            kls.append(float((np.exp(exact) * (exact - ours)).sum()))
        self._engine.stop()
        return Error(largest, statistics.mean(kls), max(kls))

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


def log_probs(logits: np.ndarray) -> np.ndarray:
    """(vocabulary_size,) float64, natural log"""
    rows = torch.from_numpy(np.array(logits, dtype=np.float64))
    return cast("np.ndarray", torch.log_softmax(rows, dim=-1).numpy())
