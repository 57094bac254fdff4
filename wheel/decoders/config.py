"""Settings in a model's `config.json`, and refusal of those that need another computation."""

from collections.abc import Mapping
from typing import Any

from wheel.decoders.decoder import Activation, Rotary

Config = Mapping[str, Any]

ACTIVATIONS = {
    "gelu": Activation.GELU,
    "gelu_new": Activation.GELU_TANH,
    "gelu_pytorch_tanh": Activation.GELU_TANH,
    "gelu_fast": Activation.GELU_TANH,
    "silu": Activation.SILU,
    "swish": Activation.SILU,
}


class UnsupportedModelError(Exception):
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


def rotary_of(config: Config, head_dim: int, base_name: str, part: float = 1.0) -> Rotary:
    """The rotary positions, from either of the two forms that transformers writes. `part`: of each
    head, how much is rotated if the config does not say. Raises `UnsupportedModelError`."""
    parameters = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    kind = parameters.get("rope_type", parameters.get("type", "default"))
    if kind != "default":
        raise UnsupportedModelError(f"rotary positions of the type {kind!r} are not supported")
    base: Any = parameters.get("rope_theta", config.get(base_name, 10_000.0))
    part = parameters.get("partial_rotary_factor", part)
    return Rotary(base, int(head_dim * part))
