"""The families of models whose files are read: GPT-2, Llama, Qwen2 and GPT-NeoX.

A family reads the model's `config.json` and names its tensors. A config with a feature that would
change the computation, and that `Decoder` does not have, is refused with a sentence.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wheel.decoders import gpt2, llama, neox
from wheel.decoders.config import Config, UnsupportedModelError, require_plain
from wheel.decoders.decoder import Decoder, DecoderShape
from wheel.decoders.stored import Tensors


@dataclass(frozen=True, slots=True)
class Family:
    """shape_of  the sizes in a config; raises `UnsupportedModelError`
    read      the weights of a model of that shape; raises `MissingTensorError`
    """

    shape_of: Callable[[Config], DecoderShape]
    read: Callable[[DecoderShape, Config, Tensors], Decoder]


FAMILIES = {
    "gpt2": Family(gpt2.shape_of, gpt2.read),
    "llama": Family(llama.llama_shape, llama.read),
    "qwen2": Family(llama.qwen2_shape, llama.read),
    "gpt_neox": Family(neox.shape_of, neox.read),
}


def decoder_of(config: Config, tensors: Tensors) -> Decoder:
    """Raises `UnsupportedModelError` and `MissingTensorError`."""
    return family_of(config).read(shape_of(config), config, tensors)


def shape_of(config: Config) -> DecoderShape:
    """The sizes, without the weights. Raises `UnsupportedModelError`."""
    family = family_of(config)
    require_plain(config)
    return family.shape_of(config)


def family_of(config: Config) -> Family:
    model_type = config.get("model_type")
    if model_type not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise UnsupportedModelError(
            f"models of the type {model_type!r} are not supported, only of {known}"
        )
    return FAMILIES[model_type]
