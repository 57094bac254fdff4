"""The engine's decode step beside CTranslate2's, for the shape of GPT-2, in one run.

    python -m bench.peers

CTranslate2 is no dependency of the project: `pip install --no-deps ctranslate2==4.8.5` adds it. It
decodes greedily in its own loop, with no server around it. Both have the same random weights and
as many threads.
"""

import importlib
import importlib.util
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from bench.engine import BATCH_CONTEXT_LENGTH, EngineBenchmark, seconds_of
from bench.random_models import COMMIT, random_model, write_checkpoint
from wheel.language_models.registry import GPT2

BATCH_SIZES = (1, 30)
WEIGHT_TYPES = ("float32", "int8")
NUM_ROUNDS = 5
SHORT, LONG = 8, 40  # tokens to decode; the difference has no prompt in it
NOT_INSTALLED = "CTranslate2 is not installed, so the engine is not compared with it."

StepSeconds = Callable[[int], float]  # of a batch size


def main() -> None:
    for line in lines():
        print(line, flush=True)


def lines() -> Iterator[str]:
    """A table with a row for each batch size, as soon as it is measured."""
    if importlib.util.find_spec("ctranslate2") is None:
        yield NOT_INSTALLED
        return
    with tempfile.TemporaryDirectory(prefix="tw-peers-") as folder:
        peers = {name: peer_step(Path(folder), name) for name in WEIGHT_TYPES}
        ours = EngineBenchmark(random_model(GPT2.model_id))
        yield "decode step of GPT-2's shape, ms   " + "".join(f"{name:>22}" for name in peers)
        for size in BATCH_SIZES:
            yield row(size, measure(size, ours.batch_step_s, peers))
        ours.stop()


def measure(size: int, ours: StepSeconds, peers: dict[str, StepSeconds]) -> list[float]:
    """Medians of alternate measurements: ours, then each peer."""
    steps = [ours, *peers.values()]
    rounds = [[step_s(size) for step_s in steps] for _ in range(NUM_ROUNDS)]
    return [statistics.median(one) for one in zip(*rounds, strict=True)]


def row(size: int, seconds: list[float]) -> str:
    """A ratio above 1: ours is that many times as fast."""
    ours, *peers = (1000 * one for one in seconds)
    others = "".join(f"{peer:>13.1f} ({peer / ours:.2f}x)" for peer in peers)
    return f"batch {size:<3} ours {ours:>8.1f}{others:>38}"


def peer_step(folder: Path, weight_type: str) -> StepSeconds:
    """The seconds of a decode step in CTranslate2."""
    ctranslate2 = importlib.import_module("ctranslate2")
    generator = ctranslate2.Generator(
        str(converted(folder, weight_type)),
        compute_type=weight_type,
        inter_threads=1,
        intra_threads=torch.get_num_threads(),
    )
    prompt = [f"{idx}" for idx in range(BATCH_CONTEXT_LENGTH)]  # unknown texts are one token each

    def seconds(size: int, num_tokens: int) -> float:
        return seconds_of(lambda: decode(generator, [prompt] * size, num_tokens))

    return lambda size: (seconds(size, LONG) - seconds(size, SHORT)) / (LONG - SHORT)


def decode(generator: Any, prompts: list[list[str]], num_tokens: int) -> None:
    generator.generate_batch(
        prompts,
        max_batch_size=len(prompts),
        min_length=num_tokens,
        max_length=num_tokens,
        sampling_topk=1,
        include_prompt_in_result=False,
    )


def converted(folder: Path, weight_type: str) -> Path:
    """The folder of GPT-2's shape in the format of CTranslate2."""
    converters = importlib.import_module("ctranslate2.converters")
    hub, result = folder / "hub", folder / weight_type
    if not hub.is_dir():
        write_checkpoint(hub, GPT2)
    [repo] = hub.iterdir()
    converter = converters.TransformersConverter(str(repo / "snapshots" / COMMIT))
    converter.convert(str(result), quantization=weight_type)
    return result


if __name__ == "__main__":
    main()
