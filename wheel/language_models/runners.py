"""Loading of a model from a folder, into a runner."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from wheel.decoders.decoder import Decoder, Linear
from wheel.decoders.files import read_decoder
from wheel.decoders.refusals import RefusedModelError
from wheel.engine.batch import Batch, Chunk, Runner
from wheel.language_models.choice_record import ChoiceRecord
from wheel.language_models.runner_choice import make_runner
from wheel.language_models.runner_names import AUTO
from wheel.language_models.tokenizer_files import read_backend


class UnusableWeightsError(RefusedModelError):
    """The file can be read, but holds NaN or infinities, or does not fit the tokenizer."""


def load_runner(folder: Path, choice: str = AUTO) -> Runner:
    """A model in float32 on the CPU, from safetensors files only. `choice`: of
    the library that computes it.

    Nothing is downloaded, and no code that comes with a model is ever run. Does not compare the
    checksums. Raises `UnusableWeightsError`, `UnsupportedModelError`, `MissingTensorError`,
    `WrongShapeError`, and the exceptions of the libraries that read the files.
    """
    decoder = read_decoder(folder)
    require_finite(decoder)
    num_tokens = read_backend(folder).get_vocab_size()
    runner = make_runner(fitted(decoder, num_tokens), choice, record=ChoiceRecord(folder))
    run_first_passes(runner)
    return runner


def require_finite(decoder: Decoder) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        sums = [array.sum() for array in decoder.arrays()]
    if not np.isfinite(sums).all():
        raise UnusableWeightsError("its weights are not all finite numbers")


def fitted(decoder: Decoder, num_tokens: int) -> Decoder:
    """The decoder without the rows that stand for no token of the tokenizer: many models have more,
    so that their number is a multiple of a power of two. Raises `UnusableWeightsError` if there are
    fewer."""
    num_outputs = decoder.shape.vocabulary_size
    if num_outputs == num_tokens:
        return decoder
    if num_outputs < num_tokens:
        raise UnusableWeightsError(
            f"its weights have {num_outputs} outputs, and the tokenizer has {num_tokens} tokens"
        )
    head = decoder.head
    return replace(
        decoder,
        shape=replace(decoder.shape, vocabulary_size=num_tokens),
        token_embedding=decoder.token_embedding[:num_tokens],
        head=Linear(
            head.weight[:num_tokens], None if head.bias is None else head.bias[:num_tokens]
        ),
    )


def run_first_passes(runner: Runner) -> None:
    """The slowest of all, and those that fail if the weights cannot be used: OpenVINO reorders the
    weights at the first pass of one row, and again at the first of several."""
    for token_ids in ((0,), (0, 0)):
        buffer = runner.allocate(len(token_ids))
        runner.run(Batch([Chunk(buffer, token_ids, start=0, is_last=True)]))
