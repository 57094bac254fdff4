"""Largest difference of a probability between this project and transformers.

A program: `python -m wheel.language_models.reference FOLDER NUM_TOKENS`. It imports both.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM

from wheel.decoders.refusals import RefusedModelError
from wheel.domain.distribution import Distribution
from wheel.engine.batch import Batch, Chunk, Runner
from wheel.language_models.runners import load_runner

NUM_PLACES = 16  # at which a text is compared


def largest_difference(folder: Path, num_tokens: int) -> float:
    """Of random tokens: at the first ones, at the end, and between."""
    runner = load_runner(folder)
    text = random_text(runner, num_tokens)
    stops = sorted({1, 2, *np.linspace(1, num_tokens, NUM_PLACES).round().astype(int).tolist()})
    stops = [stop for stop in stops if stop <= num_tokens]
    ours = logits_of_runner(runner, text, stops)
    theirs = logits_of_transformers(folder, text, stops)[:, : ours.shape[1]]
    pairs = zip(ours, theirs, strict=True)
    return max(float(np.abs(probs(own) - probs(other)).max()) for own, other in pairs)


def random_text(runner: Runner, num_tokens: int) -> tuple[int, ...]:
    first = runner.run(Batch([Chunk(runner.allocate(1), (0,), start=0, is_last=True)]))
    ids = np.random.default_rng(0).integers(0, first.shape[1], num_tokens)
    return tuple(ids.tolist())


def logits_of_runner(
    runner: Runner, text: tuple[int, ...], stops: list[int]
) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """(stops, vocabulary_size), each computed from the keys and values of those before it."""
    buffer = runner.allocate(len(text))
    starts = [0, *stops[:-1]]
    rows = [
        runner.run(Batch([Chunk(buffer, text[start:stop], start, is_last=True)]))
        for start, stop in zip(starts, stops, strict=True)
    ]
    return np.concatenate(rows)


def logits_of_transformers(
    folder: Path, text: tuple[int, ...], stops: list[int]
) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """(stops, rows of the weights), from one plain forward."""
    model = AutoModelForCausalLM.from_pretrained(
        folder, local_files_only=True, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    wanted = torch.tensor([stop - 1 for stop in stops])
    with torch.inference_mode():
        logits = model(torch.tensor([text]), use_cache=False, logits_to_keep=wanted).logits[0]
    rows: np.ndarray[tuple[int, int], np.dtype[np.float32]] = logits.numpy()
    return rows


def probs(logits: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> "np.ndarray[tuple[int]]":
    return Distribution.from_logits(logits).probs


def answer(folder: Path, num_tokens: int) -> float | str:
    """The difference, or the reason why the model is refused."""
    try:
        return largest_difference(folder, num_tokens)
    except RefusedModelError as error:
        return error.reason


if __name__ == "__main__":
    print(json.dumps(answer(Path(sys.argv[1]), int(sys.argv[2]))))  # noqa: T201 - for `comparison`
