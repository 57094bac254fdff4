"""Models of plain transformers, the reference of the engine, and runners with their weights."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from wheel.decoders.decoder import Array, Decoder
from wheel.decoders.families import decoder_of
from wheel.decoders.stored import MissingTensorError
from wheel.engine.batch import Runner
from wheel.engine.torch_runner import TorchRunner


def load_plain(folder: Path) -> PreTrainedModel:
    model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return model.eval()


def plain_logits(model: PreTrainedModel, token_ids: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """After the last of `token_ids`, by a forward pass over all: (vocabulary_size,)"""
    with torch.inference_mode():
        input_ids = torch.tensor([token_ids])  # (1, sequence)
        logits = model(input_ids=input_ids, use_cache=False, logits_to_keep=1).logits
    row: npt.NDArray[np.float32] = logits[0, -1].numpy()
    return row


def runner_of(model: PreTrainedModel, make: Callable[[Decoder], Runner] = TorchRunner) -> Runner:
    """A runner with copies of the model's weights."""
    return make(decoder_from(model))


def decoder_from(model: PreTrainedModel) -> Decoder:
    """Copies of the model's weights."""
    config, weights = model.config.to_dict(), model.state_dict()

    def tensor(name: str) -> Array:
        if name not in weights:
            raise MissingTensorError(name)
        copy: Array = weights[name].detach().clone().numpy()
        return copy

    return decoder_of(config, tensor)
