"""Times of a decode step with each library that computes models, beside the machine's limits."""

import statistics
import time
from collections.abc import Iterator
from importlib.util import find_spec

import torch
from transformers import PreTrainedModel

from bench.engine import BATCH_CONTEXT_LENGTH, read_bandwidth, seconds_of
from bench.plain_models import decoder_from
from bench.results import RunnerFigure, RunnerFigures
from wheel.decoders.decoder import Decoder
from wheel.engine.batch import Batch, Chunk, Runner
from wheel.language_models.runner_choice import MAKERS, REST_S
from wheel.language_models.runner_names import OPENVINO

NUM_ROWS = (1, 4, 8, 30)
NUM_RUNS = 15
PEAK_SIZE = 1536  # of a square matrix, so large that its product reaches the peak


class RunnerBenchmark:
    """Measures all runners with one model, in turns, so that other work on the machine slows all of
    them."""

    def __init__(self, model: PreTrainedModel) -> None:
        decoder = decoder_from(model)
        self._weight_bytes = sum(array.nbytes for array in decoder.arrays())
        self._num_products = num_products(decoder)
        self._runners = {
            name: make(decoder)
            for name, make in MAKERS.items()
            if name != OPENVINO or find_spec(OPENVINO)
        }

    @staticmethod
    def num_figures() -> int:
        return len(NUM_ROWS)

    def figures(self) -> Iterator[RunnerFigures]:
        """One for each number of rows."""
        for num_rows in NUM_ROWS:
            yield self._measure(num_rows)

    def _measure(self, num_rows: int) -> RunnerFigures:
        steps = {name: DecodeSteps(runner, num_rows) for name, runner in self._runners.items()}
        times: dict[str, list[float]] = {name: [] for name in steps}
        bandwidths, peaks = [], []
        for _ in range(NUM_RUNS):
            bandwidths.append(read_bandwidth(num_reads=1))
            peaks.append(peak_products())
            for name, step in steps.items():
                time.sleep(REST_S)
                times[name].append(seconds_of(step.run))
        return RunnerFigures(
            num_rows,
            limit_s=self._weight_bytes / statistics.median(bandwidths),
            products_s=num_rows * self._num_products / statistics.median(peaks),
            steps=[RunnerFigure(name, statistics.median(times[name])) for name in steps],
        )


class DecodeSteps:
    """Texts that get one more token at each run."""

    def __init__(self, runner: Runner, num_rows: int) -> None:
        self._runner = runner
        self._len = BATCH_CONTEXT_LENGTH
        self._buffers = [runner.allocate(self._len + NUM_RUNS) for _ in range(num_rows)]
        for idx, buffer in enumerate(self._buffers):
            runner.run(Batch([Chunk(buffer, (idx,) * self._len, 0, is_last=True)]))

    def run(self) -> None:
        chunks = [Chunk(buffer, (0,), self._len, is_last=True) for buffer in self._buffers]
        self._runner.run(Batch(chunks))
        self._len += 1


def num_products(decoder: Decoder) -> int:
    """Multiplications in all linear layers, for one row."""
    layers = [(layer.qkv, layer.output, layer.up, layer.down) for layer in decoder.layers]
    linears = [linear for four in layers for linear in four] + [decoder.head]
    return sum(linear.weight.size for linear in linears)


def peak_products() -> float:
    """Float32 multiplications a second, each with an addition, in a large product of matrices."""
    matrix = torch.ones(PEAK_SIZE, PEAK_SIZE)
    return PEAK_SIZE**3 / seconds_of(lambda: matrix @ matrix)
