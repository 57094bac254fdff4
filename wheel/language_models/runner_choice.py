"""Choice of the library that computes a model: by measuring, unless the operator names one.

Which one is faster depends on the processor and on the model
(docs/decisions/0051-openvino-runner.md).
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from wheel.decoders.decoder import Decoder, Linear
from wheel.engine.arrays import Logits
from wheel.engine.batch import Batch, Chunk, Runner
from wheel.language_models.choice_record import ChoiceRecord
from wheel.language_models.runner_names import AUTO, OPENVINO, TORCH

logger = logging.getLogger(__name__)

SLICE_BYTES = 100_000_000  # more than most processors' caches hold
NUM_ROWS = (1, 30)  # a student alone, and a class
NUM_RUNS = 4
REST_S = (
    0.01  # after which torch's threads no longer spin, waiting for work, on another's processor
)
MAX_DIFFERENCE = 1e-5  # of a probability

MakeRunner = Callable[[Decoder], Runner]


class DifferentLogitsError(Exception):
    """A library computes other probabilities than torch."""


def make_openvino(decoder: Decoder) -> Runner:
    """Raises `ImportError` or `OSError` where the package cannot be imported, and `RuntimeError`
    where it does not support the processor."""
    from wheel.engine.openvino_runner import OpenVinoRunner  # noqa: PLC0415 - may be missing

    return OpenVinoRunner(decoder)


def make_torch(decoder: Decoder) -> Runner:
    from wheel.engine.torch_runner import TorchRunner  # noqa: PLC0415 - takes a second

    return TorchRunner(decoder)


MAKERS: Mapping[str, MakeRunner] = {TORCH: make_torch, OPENVINO: make_openvino}


def make_runner(
    decoder: Decoder,
    choice: str = AUTO,
    *,
    record: ChoiceRecord | None = None,
    makers: Mapping[str, MakeRunner] = MAKERS,
    slice_bytes: int = SLICE_BYTES,
) -> Runner:
    """`choice`: the name of a library, or `AUTO`: the faster one, by `record` if it has one.

    A model of fewer than `slice_bytes` is computed by torch: it stays in the processor's cache, and
    its speed makes no difference to a student.
    """
    if choice != AUTO:
        return makers[choice](decoder)
    if num_bytes(decoder) < slice_bytes:
        return makers[TORCH](decoder)
    if record is not None and (recorded := record.read()):
        return make_recorded(decoder, recorded, record, makers)
    return makers[faster(decoder, record, makers, slice_bytes)](decoder)


def make_recorded(
    decoder: Decoder, name: str, record: ChoiceRecord, makers: Mapping[str, MakeRunner]
) -> Runner:
    """Raises what the library raises; then the next load measures."""
    logger.info("%s computes the model, as measured by an earlier start", name)
    try:
        return makers[name](decoder)
    except Exception:
        record.forget()
        raise


def faster(
    decoder: Decoder,
    record: ChoiceRecord | None,
    makers: Mapping[str, MakeRunner],
    slice_bytes: int,
) -> str:
    """The name of the library whose steps take less time, which is recorded. torch, if the other
    cannot be used."""
    part = slice_of(decoder, slice_bytes)
    try:
        seconds = step_seconds({name: make(part) for name, make in makers.items()})
    except (ImportError, OSError, RuntimeError, DifferentLogitsError) as error:
        logger.warning("torch computes the model, since OpenVINO cannot: %s", error)
        return TORCH
    chosen = min(seconds, key=lambda name: sum(seconds[name]))
    logger.info("%s computes the model: %s", chosen, summary(seconds))
    if record is not None:
        record.write(chosen)
    return chosen


def summary(seconds: Mapping[str, list[float]]) -> str:
    return "; ".join(
        f"{name} {', '.join(f'{1e3 * s:.1f} ms' for s in times)}" for name, times in seconds.items()
    ) + " for a part of it, with {} and {} rows".format(*NUM_ROWS)


def slice_of(decoder: Decoder, slice_bytes: int) -> Decoder:
    """A model with the first layers and rows of the head only, and the same share of both."""
    share = min(1.0, slice_bytes / num_bytes(decoder))
    shape = decoder.shape
    num_layers = max(1, round(share * shape.num_layers))
    num_outputs = max(1, round(share * shape.vocabulary_size))
    head = decoder.head
    return replace(
        decoder,
        shape=replace(shape, num_layers=num_layers, vocabulary_size=num_outputs),
        layers=decoder.layers[:num_layers],
        head=Linear(
            head.weight[:num_outputs], None if head.bias is None else head.bias[:num_outputs]
        ),
    )


def step_seconds(runners: Mapping[str, Runner]) -> dict[str, list[float]]:
    """Of each runner, the shortest time of a step with each of `NUM_ROWS`, in turns. Raises
    `DifferentLogitsError`."""
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for num_rows in NUM_ROWS:
        steps = {name: Step(runner, num_rows) for name, runner in runners.items()}
        require_equal(*(step.run() for step in steps.values()))
        times = [{name: step.seconds() for name, step in steps.items()} for _ in range(NUM_RUNS)]
        for name in runners:
            seconds[name].append(min(row[name] for row in times))
    return seconds


class Step:
    """The next token of `num_rows` texts, the same ones again and again."""

    def __init__(self, runner: Runner, num_rows: int) -> None:
        self._runner = runner
        buffers = [runner.allocate(2) for _ in range(num_rows)]
        runner.run(Batch([Chunk(buffer, (1,), 0, is_last=False) for buffer in buffers]))
        self._batch = Batch(
            [Chunk(buffer, (idx,), 1, is_last=True) for idx, buffer in enumerate(buffers)]
        )

    def run(self) -> Logits:
        return self._runner.run(self._batch)

    def seconds(self) -> float:
        time.sleep(REST_S)
        started = time.perf_counter()
        self.run()
        return time.perf_counter() - started


def require_equal(*answers: Logits) -> None:
    """Raises `DifferentLogitsError`."""
    first, *others = [probabilities(logits) for logits in answers]
    difference = max((float(np.abs(other - first).max()) for other in others), default=0.0)
    if not difference <= MAX_DIFFERENCE:
        raise DifferentLogitsError(f"its probabilities differ by {difference:.1e}")


def probabilities(logits: Logits) -> "np.typing.NDArray[np.float64]":
    exponentials = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    probs: np.typing.NDArray[np.float64] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probs


def num_bytes(decoder: Decoder) -> int:
    return sum(array.nbytes for array in decoder.arrays())
