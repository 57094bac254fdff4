"""Reading of a model's folder: `config.json` and safetensors, in one file or several.

Importing this module imports torch, which takes seconds.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from wheel.decoders.config import UnsupportedModelError
from wheel.decoders.constants import CONSTANT, HEADS
from wheel.decoders.decoder import Decoder
from wheel.decoders.families import decoder_of
from wheel.decoders.shapes import require_shapes
from wheel.decoders.stored import MissingTensorError

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
DTYPES = {torch.float64, torch.float32, torch.float16, torch.bfloat16}


def read_config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / CONFIG).read_bytes())
    return config


def read_decoder(folder: Path) -> Decoder:
    """The model in float32. Raises `UnsupportedModelError`, `MissingTensorError`,
    `WrongShapeError`, and what the libraries raise for files that are damaged."""
    files = TensorFiles(folder)
    decoder = decoder_of(read_config(folder), files.read)
    require_shapes(decoder)
    require_all_read(files, decoder)
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
        self._read: set[str] = set()

    def read(self, name: str) -> torch.Tensor:
        """Float32. Raises `MissingTensorError`, and `UnsupportedModelError` for integers and other
        forms that are weights only after a computation."""
        if name not in self._file_of:
            raise MissingTensorError(name)
        self._read.add(name)
        tensor: torch.Tensor = self._file_of[name].get_tensor(name)
        if tensor.dtype not in DTYPES:
            kind = str(tensor.dtype).removeprefix("torch.")
            raise UnsupportedModelError(f"the weights are quantized: {name} is {kind}")
        return tensor.to(torch.float32)

    def unread(self) -> set[str]:
        """The names of tensors that have not been read, and that are no constants."""
        names = self._file_of.keys() - self._read
        return {name for name in names if not CONSTANT.fullmatch(name)}


def require_all_read(files: TensorFiles, decoder: Decoder) -> None:
    """A tensor that no part of the family uses belongs to another computation, such as a norm of
    the queries. Raises `UnsupportedModelError`. A head that the config ties to the embedding may be
    in the files too, if it is the same."""
    unread = files.unread()
    for name in sorted(unread & HEADS):
        if not torch.equal(files.read(name), decoder.token_embedding):
            raise UnsupportedModelError(
                f"{name} differs from the embedding, and the config ties both"
            )
    if others := unread - HEADS:
        raise UnsupportedModelError(
            f"its files have {len(others)} tensors that this family does not use: {min(others)}"
        )


def weight_files(folder: Path) -> list[Path]:
    index = folder / INDEX
    if not index.is_file():
        return [folder / WEIGHTS]
    names = set(json.loads(index.read_bytes())["weight_map"].values())
    return [folder / name for name in sorted(names)]
