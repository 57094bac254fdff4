"""Parts of a model, found by the names of their tensors in the files."""

from collections.abc import Callable

import numpy as np

from wheel.decoders.config import Config
from wheel.decoders.decoder import Array, Linear, Norm
from wheel.decoders.refusals import RefusedModelError

Tensors = Callable[[str], Array]  # by name; raises `MissingTensorError`


class MissingTensorError(RefusedModelError):
    """The files lack a tensor of the model. The message is its name."""

    @property
    def reason(self) -> str:
        return f"its files have no tensor {self}"


def linear(tensors: Tensors, name: str, *, has_bias: bool = True) -> Linear:
    return Linear(tensors(f"{name}.weight"), tensors(f"{name}.bias") if has_bias else None)


def joined(tensors: Tensors, *names: str, has_bias: bool) -> Linear:
    """The rows of several linear layers, one after the other."""
    parts = [linear(tensors, name, has_bias=has_bias) for name in names]
    biases = [part.bias for part in parts if part.bias is not None]
    return Linear(
        np.concatenate([part.weight for part in parts]),
        np.concatenate(biases) if biases else None,
    )


def layer_norm(tensors: Tensors, name: str) -> Norm:
    return Norm(tensors(f"{name}.weight"), tensors(f"{name}.bias"))


def rms_norm(tensors: Tensors, name: str) -> Norm:
    return Norm(tensors(f"{name}.weight"))


def head(
    config: Config, embedding: Array, tensors: Tensors, name: str, *, is_tied_by_default: bool
) -> Linear:
    """The embedding itself if the config ties them."""
    if config.get("tie_word_embeddings", is_tied_by_default):
        return Linear(embedding)
    return linear(tensors, name, has_bias=False)
