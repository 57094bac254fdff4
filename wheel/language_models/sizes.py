"""Sizes of a model by its own files: the config, and the headers of the weights. Imports no torch,
and reads no weights."""

import json
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from wheel.decoders.config import Config, UnsupportedModelError
from wheel.decoders.constants import CONSTANT, HEADS
from wheel.decoders.families import shape_of
from wheel.language_models.model_files import WEIGHTS_INDEX_NAME, WEIGHTS_NAME, shard_names

MAX_HEADER_BYTES = 100_000_000  # as the library safetensors


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """None: unknown, since a file is missing, damaged, or of a model that is refused."""

    num_parameters: int | None = None
    context_length: int | None = None
    vocabulary_size: int | None = None


def sizes_in(folder: Path) -> ModelSizes:
    """Never raises for files that cannot be used: loading them says why."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
        shape = shape_of(config)
    except (OSError, ValueError, AttributeError, TypeError, UnsupportedModelError):
        return ModelSizes()
    return ModelSizes(
        num_parameters_in(folder, config), shape.context_length, shape.vocabulary_size
    )


def num_parameters_in(folder: Path, config: Config) -> int | None:
    """Without masks and frequencies, and without a head that is the embedding once more."""
    is_tied = config.get("tie_word_embeddings", config.get("model_type") == "gpt2")
    index = folder / WEIGHTS_INDEX_NAME
    names = shard_names(index) if index.is_file() else {WEIGHTS_NAME}
    if not names:
        return None
    try:
        shapes = [item for name in sorted(names) for item in shapes_in(folder / name).items()]
    except (OSError, ValueError, AttributeError, TypeError, KeyError, struct.error):
        return None
    return sum(
        prod(shape)
        for name, shape in shapes
        if not CONSTANT.fullmatch(name) and not (is_tied and name in HEADS)
    )


def shapes_in(path: Path) -> dict[str, list[int]]:
    """The shapes of all tensors by name. Source: the format's description, in the documentation of
    safetensors: 8 bytes of length, little-endian, then JSON."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > MAX_HEADER_BYTES:
            raise ValueError("the header is too long")
        header: dict[str, Any] = json.loads(file.read(length))
    return {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
