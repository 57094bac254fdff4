"""Settings in a model's `config.json`, and refusal of those that need another computation."""

from collections.abc import Mapping
from typing import Any

from wheel.decoders.decoder import Activation, Rotary
from wheel.decoders.refusals import RefusedModelError

Config = Mapping[str, Any]

ACTIVATIONS = {
    "gelu": Activation.GELU,
    "gelu_new": Activation.GELU_TANH,
    "gelu_pytorch_tanh": Activation.GELU_TANH,
    "gelu_fast": Activation.GELU_TANH,
    "silu": Activation.SILU,
    "swish": Activation.SILU,
}
ROTARY_KEYS = {"rope_type", "type", "rope_theta", "partial_rotary_factor"}


class UnsupportedModelError(RefusedModelError):
    """The model needs a computation that `Decoder` does not have. The message says which."""


def activation_of(name: str) -> Activation:
    """Raises `UnsupportedModelError`."""
    if name not in ACTIVATIONS:
        raise UnsupportedModelError(f"the activation {name!r} is not supported")
    return ACTIVATIONS[name]


def require(config: Config, **neutral: Any) -> None:
    """Raises `UnsupportedModelError` unless each of these settings is absent or has this value."""
    for name, value in neutral.items():
        if config.get(name, value) not in (value, None):
            raise UnsupportedModelError(f"{name} = {config[name]!r} is not supported")


def size(config: Config, name: str) -> int:
    """A positive whole number. Raises `UnsupportedModelError` if it is missing or something else:
    the library that trained the model may have another default."""
    value = config.get(name)
    if type(value) is not int or value < 1:
        raise UnsupportedModelError(f"{name} is missing from config.json, or is not a size")
    return value


def divided(config: Config, name: str, parts_name: str) -> int:
    """One size divided by another, of which it must be a multiple."""
    whole, num_parts = size(config, name), size(config, parts_name)
    if whole % num_parts:
        raise UnsupportedModelError(f"{name} = {whole} is not a multiple of {parts_name}")
    return whole // num_parts


def require_plain(config: Config) -> None:
    """Raises `UnsupportedModelError` for what no family computes, although the files would load:
    soft-capping, quantized weights, cross-attention."""
    require(
        config,
        attn_logit_softcapping=None,
        final_logit_softcapping=None,
        quantization_config=None,
        is_encoder_decoder=False,
        add_cross_attention=False,
    )


def require_no_window(config: Config, context_length: int, *, is_used: bool) -> None:
    """Raises `UnsupportedModelError` if attention of any layer ends before the whole context."""
    window = config.get("sliding_window")
    if is_used and window is not None and window < context_length:
        raise UnsupportedModelError(
            f"sliding_window = {window!r} is shorter than the context of {context_length} tokens"
        )
    kinds = set(config.get("layer_types") or ()) - {"full_attention"}
    if kinds and (window is None or window < context_length):
        raise UnsupportedModelError(f"layer_types has {min(kinds)!r}, which is not supported")


def rotary_of(config: Config, head_dim: int, base_name: str, part: float = 1.0) -> Rotary:
    """The rotary positions, from either of the two forms that transformers writes. `part`: of each
    head, how much is rotated if the config does not say. Raises `UnsupportedModelError`."""
    parameters = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    kind = parameters.get("rope_type", parameters.get("type", "default"))
    if kind != "default":
        raise UnsupportedModelError(f"rotary positions of the type {kind!r} are not supported")
    if unknown := parameters.keys() - ROTARY_KEYS:
        raise UnsupportedModelError(f"rotary positions with {min(unknown)!r} are not supported")
    base: Any = parameters.get("rope_theta", config.get(base_name, 10_000.0))
    part = parameters.get("partial_rotary_factor", part)
    return Rotary(base, int(head_dim * part))
