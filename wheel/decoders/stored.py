"""Parts of a model, found by the names of their tensors in the files."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wheel.decoders.config import Config
from wheel.decoders.decoder import Linear, Norm
from wheel.decoders.refusals import RefusedModelError

if TYPE_CHECKING:
    from torch import Tensor

Tensors = Callable[[str], "Tensor"]  # by name; raises `MissingTensorError`


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
        concatenated([part.weight for part in parts]), concatenated(biases) if biases else None
    )


def concatenated(tensors: "Sequence[Tensor]") -> "Tensor":
    """By numpy, in one thread: torch's threads would wait for each other at each call."""
    import torch  # noqa: PLC0415 - takes seconds to import

    return torch.from_numpy(np.concatenate([tensor.numpy() for tensor in tensors]))


def layer_norm(tensors: Tensors, name: str) -> Norm:
    return Norm(tensors(f"{name}.weight"), tensors(f"{name}.bias"))


def rms_norm(tensors: Tensors, name: str) -> Norm:
    return Norm(tensors(f"{name}.weight"))


def head(
    config: Config, embedding: "Tensor", tensors: Tensors, name: str, *, is_tied_by_default: bool
) -> Linear:
    """The embedding itself if the config ties them."""
    if config.get("tie_word_embeddings", is_tied_by_default):
        return Linear(embedding)
    return linear(tensors, name, has_bias=False)
