"""A decoder-only transformer: sizes and weights, in one form for all families.

All families share this computation, for a token at position p:

    x = token_embedding[id] (+ position_embedding[p])
    in each layer:
        q, k, v = qkv(attention_norm(x)), with rotary positions if the family has them
        a = output(attention(q, k, v))
        sequential:  x = x + a;  x = x + mlp(mlp_norm(x))
        parallel:    x = x + a + mlp(mlp_norm(x))
    logits = head(final_norm(x))

    mlp(x) = down(f(up(x))), or gated: down(f(gate(x)) * up(x))

Source: A. Radford et al., "Language Models are Unsupervised Multitask Learners", 2019 (GPT-2);
H. Touvron et al., "LLaMA", 2023; S. Black et al., "GPT-NeoX-20B", 2022 (parallel residual).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


class Activation(StrEnum):
    GELU = "gelu"
    GELU_TANH = "gelu_tanh"
    SILU = "silu"


class NormKind(StrEnum):
    LAYER = "layer"
    RMS = "rms"


@dataclass(frozen=True, slots=True)
class Rotary:
    """Rotary positions: the first `num_dims` of each head are rotated in two halves.

    Source: J. Su et al., "RoFormer", 2021.
    """

    base: float
    num_dims: int


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """context_length  the longest sequence, in tokens
    rotary          None for a model with learned positions
    is_gated        whether the MLP has a gate; then `up` computes gate and value at once
    is_parallel     whether attention and MLP read the same input
    """

    family: str
    num_layers: int
    hidden_size: int
    num_heads: int
    num_kv_heads: int
    head_dim: int
    vocabulary_size: int
    context_length: int
    activation: Activation
    norm_kind: NormKind
    norm_epsilon: float
    rotary: Rotary | None = None
    is_gated: bool = False
    is_parallel: bool = False


@dataclass(frozen=True, eq=False)
class Linear:
    """y = x Wᵀ + b; weight: (out, in), bias: (out,) or None."""

    weight: Array
    bias: Array | None = None


@dataclass(frozen=True, eq=False)
class Norm:
    """weight, bias: (hidden_size,); an RMS norm has no bias."""

    weight: Array
    bias: Array | None = None


@dataclass(frozen=True, eq=False)
class Layer:
    """qkv  the rows of all query heads, then of all key heads, then of all value heads
    up   if the MLP is gated, the rows of the gate, then those of the value
    """

    attention_norm: Norm
    qkv: Linear
    output: Linear
    mlp_norm: Norm
    up: Linear
    down: Linear


@dataclass(frozen=True, eq=False)
class Decoder:
    """token_embedding: (vocabulary_size, hidden_size); position_embedding: (context_length,
    hidden_size) or None. All float32."""

    shape: DecoderShape
    token_embedding: Array
    position_embedding: Array | None
    layers: tuple[Layer, ...]
    final_norm: Norm
    head: Linear

    def arrays(self) -> Iterator[Array]:
        """Every array once."""
        seen: set[int] = set()
        for array in self._arrays():
            if array is not None and array.ctypes.data not in seen:
                seen.add(array.ctypes.data)
                yield array

    def _arrays(self) -> Iterator[Array | None]:
        yield from (self.token_embedding, self.position_embedding)
        yield from (self.final_norm.weight, self.final_norm.bias, self.head.weight, self.head.bias)
        for layer in self.layers:
            for part in (layer.attention_norm, layer.qkv, layer.output):
                yield from (part.weight, part.bias)
            for part in (layer.mlp_norm, layer.up, layer.down):
                yield from (part.weight, part.bias)
