"""Reading of a model's folder: `config.json` and safetensors, in one file or several.

Importing this module imports torch, which takes seconds.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from wheel.decoders.decoder import Decoder
from wheel.decoders.families import decoder_of
from wheel.decoders.shapes import require_shapes
from wheel.decoders.stored import MissingTensorError

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"


def read_config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / CONFIG).read_bytes())
    return config


def read_decoder(folder: Path) -> Decoder:
    """The model in float32. Raises `UnsupportedModelError`, `MissingTensorError`,
    `WrongShapeError`, and what the libraries raise for files that are damaged."""
    decoder = decoder_of(read_config(folder), TensorFiles(folder).read)
    require_shapes(decoder)
    return decoder


class TensorFiles:
    """The tensors of all files of a folder, by name, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._files: list[Any] = [safe_open(path, framework="pt") for path in weight_files(folder)]
        self._file_of: dict[str, Any] = {
            name: file
            for file in self._files
            for name in file.keys()  # noqa: SIM118 - it is no mapping
        }

    def read(self, name: str) -> torch.Tensor:
        """Float32. Raises `MissingTensorError`."""
        if name not in self._file_of:
            raise MissingTensorError(name)
        tensor: torch.Tensor = self._file_of[name].get_tensor(name)
        return tensor.to(torch.float32)


def weight_files(folder: Path) -> list[Path]:
    index = folder / INDEX
    if not index.is_file():
        return [folder / WEIGHTS]
    names = set(json.loads(index.read_bytes())["weight_map"].values())
    return [folder / name for name in sorted(names)]
