"""Times of the engine's tasks, compared with the naive engine and the memory bandwidth."""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from functools import cached_property

import numpy as np
import torch
from transformers import PreTrainedModel

from bench.plain_models import plain_logits, runner_of
from bench.results import Figure
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.prefix_cache import PrefixCache
from wheel.language_models.runner_choice import make_runner

BATCH_SIZES = (1, 4, 8, 16, 30)
PREFILL_LENGTHS = (64, 256, 1000)
CONTEXT_LENGTHS = (5, 250)
BATCH_CONTEXT_LENGTH = 60
MAX_RUNS = 15
MAX_SECONDS = 0.3
GIGABYTE = 10**9
BANDWIDTH_BYTES = 256 * 1024 * 1024


def median_s(run: Callable[[], object]) -> float:
    """Median seconds of several runs. The first is a warm-up, unless it takes `MAX_SECONDS`."""
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


def read_bandwidth(num_reads: int = 5) -> float:
    """Bytes a second that all cores together read from memory, the median of some runs."""
    block = torch.ones(BANDWIDTH_BYTES // 4)
    return BANDWIDTH_BYTES / statistics.median(seconds_of(block.sum) for _ in range(num_reads))


def weight_bytes(model: PreTrainedModel) -> int:
    """Bytes of all parameters, which one decode step has to read."""
    return sum(parameter.nbytes for parameter in model.parameters())


class EngineBenchmark:
    """Measures one model: plain forward passes, and a batching engine with a copy of the model."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._bandwidths = [read_bandwidth()]
        self._plain = model
        self.weight_bytes = weight_bytes(self._plain)
        self._vocabulary_size = int(self._plain.config.vocab_size)
        self._random = np.random.default_rng(0)
        runner = runner_of(model, make_runner)
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
        """Bytes a second, the median of a reading after each figure: the bandwidth varies with the
        load of the machine."""
        return statistics.median(self._bandwidths)

    def figures(self) -> Iterator[Figure]:
        """Measure one figure after the other, `num_figures()` in all, then stop the engine."""
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
        """One more token after a context of `length`, against a full forward pass over it."""
        text = self._text(length)
        naive_s = median_s(lambda: plain_logits(self._plain, text))
        return Figure(f"one token after {length}", self._step_s([text]), naive_s)

    def batches(self) -> Iterator[Figure]:
        """One more token for many contexts at once, against a naive pass for each."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        self._compute([text])
        for size in BATCH_SIZES:
            yield Figure(
                f"one token for each of {size}",
                self._branches_s(text, size),
                size * self._naive_pass_s,
            )

    def batch_step_s(self, size: int) -> float:
        """Median seconds of a decode step for `size` contexts at once."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        self._compute([text])
        return self._branches_s(text, size)

    def prefill(self, length: int) -> Figure:
        """A prompt of `length` tokens that the engine has not seen, against a full pass over it."""
        ours_s = median_s(lambda: self._compute([self._text(length)]))
        text = self._text(length)
        naive_s = median_s(lambda: plain_logits(self._plain, text))
        return Figure(f"a prompt of {length}", ours_s, naive_s)

    def repeat(self) -> Figure:
        """A context whose logits are cached, as after an undo, a reload, or in a class that shares
        a prompt."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        self._compute([text])
        ours_s = median_s(lambda: self._compute([text]))
        return Figure("a known context again", ours_s, self._naive_pass_s)

    @cached_property
    def _naive_pass_s(self) -> float:
        """Median seconds of a full forward pass over a context as long as those of batches."""
        text = self._text(BATCH_CONTEXT_LENGTH)
        return median_s(lambda: plain_logits(self._plain, text))

    def stop(self) -> None:
        self._engine.stop()

    def _branches_s(self, text: tuple[int, ...], size: int) -> float:
        return self._step_s([(*text, self._token()) for _ in range(size)])  # one shared prefix

    def _step_s(self, texts: list[tuple[int, ...]]) -> float:
        """Median seconds of a decode step for all texts at once, with their prefixes cached."""
        self._compute(texts)

        def step() -> None:
            texts[:] = [(*text, self._token()) for text in texts]
            self._compute(texts)

        return median_s(step)

    def _compute(self, texts: list[tuple[int, ...]]) -> None:
        wait([self._engine.next_logits("benchmark", text) for text in texts])

    def _text(self, length: int) -> tuple[int, ...]:
        return tuple(self._random.integers(self._vocabulary_size, size=length).tolist())

    def _token(self) -> int:
        return int(self._random.integers(self._vocabulary_size))
