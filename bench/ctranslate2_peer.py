"""Decode steps of CTranslate2, which decodes greedily in its own loop.

It is no dependency of the project: `pip install --no-deps ctranslate2==4.8.5` adds it.
"""

import importlib
from pathlib import Path
from typing import Any

import torch

from bench.engine import BATCH_CONTEXT_LENGTH, seconds_of
from bench.peer_steps import StepSeconds, step_of
from bench.random_models import COMMIT, write_checkpoint
from wheel.language_models.registry import GPT2

PACKAGE = "ctranslate2"
WEIGHT_TYPES = ("float32", "int8")


def steps(folder: Path) -> dict[str, StepSeconds]:
    return {f"CTranslate2 {name}": decode_step(folder, name) for name in WEIGHT_TYPES}


def decode_step(folder: Path, weight_type: str) -> StepSeconds:
    generator = importlib.import_module(PACKAGE).Generator(
        str(converted(folder, weight_type)),
        compute_type=weight_type,
        inter_threads=1,
        intra_threads=torch.get_num_threads(),
    )
    prompt = [f"{idx}" for idx in range(BATCH_CONTEXT_LENGTH)]  # unknown texts are one token each

    def seconds(size: int, num_tokens: int) -> float:
        return seconds_of(lambda: decode(generator, [prompt] * size, num_tokens))

    return step_of(seconds)


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
    converters = importlib.import_module(f"{PACKAGE}.converters")
    hub, result = folder / "hub", folder / weight_type
    if not hub.is_dir():
        write_checkpoint(hub, GPT2)
    [repo] = hub.iterdir()
    converter = converters.TransformersConverter(str(repo / "snapshots" / COMMIT))
    converter.convert(str(result), quantization=weight_type)
    return result
