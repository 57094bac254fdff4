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
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedModel

from wheel.engine.engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.model_runner import ModelRunner
from wheel.engine.naive_engine import full_forward
from wheel.engine.prefix_cache import PrefixCache

BATCH_SIZES = (1, 4, 8, 16, 30)
PREFILL_LENGTHS = (64, 256, 1000)
CONTEXT_LENGTHS = (5, 60, 250)
NUM_RUNS = 5
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


def gpt2_shaped() -> PreTrainedModel:
    """GPT-2's 124M parameters at random."""
    torch.manual_seed(0)
    return cast(
        "PreTrainedModel", GPT2LMHeadModel(GPT2Config()).eval().requires_grad_(requires_grad=False)
    )


def median_s(run: Callable[[], object]) -> float:
    """Median seconds of a few runs, after one that does not count."""
    run()
    times = []
    for _ in range(NUM_RUNS):
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
    """The figures of one model, measured one after the other."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model
        self._vocabulary_size = int(model.config.vocab_size)
        self._random = np.random.default_rng(0)
        runner = ModelRunner(model)
        self._engine = BatchingEngine(
            lambda _: runner,
            logits_cache=LogitsCache(0),
            prefix_cache=PrefixCache(2 * GIGABYTE),
        )

    @property
    def num_figures(self) -> int:
        return len(BATCH_SIZES) + len(PREFILL_LENGTHS) + len(CONTEXT_LENGTHS)

    def figures(self) -> Iterator[Figure]:
        for length in CONTEXT_LENGTHS:
            yield self.spin(length)
        for length in PREFILL_LENGTHS:
            yield self.prefill(length)
        for batch_size in BATCH_SIZES:
            yield self.batch(batch_size)
        self._engine.stop()

    def spin(self, length: int) -> Figure:
        """One token more after `length`, against a full forward pass over all of it."""
        text = self._text(length)
        naive_s = median_s(lambda: full_forward(self._model, text))
        return Figure(f"one token after {length}", self._step_s([text]), naive_s)

    def prefill(self, length: int) -> Figure:
        texts = iter([self._text(length) for _ in range(NUM_RUNS + 1)])
        ours_s = median_s(lambda: self._ask([next(texts)]))
        text = self._text(length)
        return Figure(
            f"prompt of {length}", ours_s, median_s(lambda: full_forward(self._model, text))
        )

    def batch(self, batch_size: int) -> Figure:
        """One token more for many at once, against a naive pass for each, after 60 tokens."""
        texts = [self._text(60) for _ in range(batch_size)]
        naive_s = batch_size * median_s(lambda: full_forward(self._model, texts[0]))
        return Figure(f"one token for each of {batch_size}", self._step_s(texts), naive_s)

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
