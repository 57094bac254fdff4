"""Reading of a model's folder: `config.json` and safetensors, in one file or several."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from wheel.decoders.config import UnsupportedModelError
from wheel.decoders.constants import CONSTANT, HEADS
from wheel.decoders.decoder import Array, Decoder
from wheel.decoders.families import decoder_of
from wheel.decoders.shapes import require_shapes
from wheel.decoders.stored import MissingTensorError

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
FLOATS = {"F64", "F32", "F16"}  # as numpy has them
BFLOAT16 = "BF16"


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
        self._file_of: dict[str, TensorFile] = {}
        for path in weight_files(folder):
            file = TensorFile(path)
            self._file_of |= dict.fromkeys(file.names(), file)
        self._read: set[str] = set()

    def read(self, name: str) -> Array:
        """Float32. Raises `MissingTensorError`, and `UnsupportedModelError` for integers and other
        forms that are weights only after a computation."""
        if name not in self._file_of:
            raise MissingTensorError(name)
        self._read.add(name)
        return self._file_of[name].read(name)

    def unread(self) -> set[str]:
        """The names of tensors that have not been read, and that are no constants."""
        names = self._file_of.keys() - self._read
        return {name for name in names if not CONSTANT.fullmatch(name)}


class TensorFile:
    """The tensors of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = safe_open(path, framework="numpy")

    def names(self) -> list[str]:
        return list(self._file.keys())

    def read(self, name: str) -> Array:
        kind = self._file.get_slice(name).get_dtype()
        if kind == BFLOAT16:
            return self._read_bfloat16(name)
        if kind not in FLOATS:
            raise UnsupportedModelError(f"the weights are quantized: {name} is {kind}")
        array: Array = self._file.get_tensor(name).astype(np.float32, copy=False)
        return array

    def _read_bfloat16(self, name: str) -> Array:
        """By torch, which takes a second to import: numpy does not know this form."""
        with safe_open(self._path, framework="pt") as file:
            array: Array = file.get_tensor(name).float().numpy()
        return array


def require_all_read(files: TensorFiles, decoder: Decoder) -> None:
    """A tensor that no part of the family uses belongs to another computation, such as a norm of
    the queries. Raises `UnsupportedModelError`. A head that the config ties to the embedding may be
    in the files too, if it is the same."""
    unread = files.unread()
    for name in sorted(unread & HEADS):
        if not np.array_equal(files.read(name), decoder.token_embedding):
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
