"""Forward passes of a decoder in torch over packed batches, without state besides its weights."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from wheel.decoders.decoder import (
    Activation,
    Decoder,
    DecoderShape,
    Layer,
    Norm,
    NormKind,
    Rotary,
)
from wheel.engine import packed_linear
from wheel.engine.arrays import Logits
from wheel.engine.batch import Batch
from wheel.engine.contiguous_kv_buffer import ContiguousKVBuffer
from wheel.engine.kv_buffer import KVShape
from wheel.engine.packed_attention import PackedBatchAttention
from wheel.engine.packed_runner import PackedRunner
from wheel.engine.rotation import Rotation

ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    Activation.GELU: functional.gelu,
    Activation.GELU_TANH: lambda x: functional.gelu(x, approximate="tanh"),
    Activation.SILU: functional.silu,
}


class TorchRunner(PackedRunner):
    """The products are oneDNN's on packed weights, where this build of torch has it."""

    name = "torch"

    def __init__(self, decoder: Decoder) -> None:
        shape = decoder.shape
        self.context_length = shape.context_length
        self._kv_shape = KVShape(shape.num_layers, shape.num_kv_heads, shape.head_dim)
        self._token_embedding = torch.from_numpy(decoder.token_embedding)
        self._position_embedding = packed_linear.tensor_or_none(decoder.position_embedding)
        self._rotation = None if shape.rotary is None else TorchRotation(shape.rotary, shape)
        self._layers = [TorchLayer(shape, layer, idx) for idx, layer in enumerate(decoder.layers)]
        self._final_norm = norm_of(shape, decoder.final_norm)
        self._head = packed_linear.product_with(decoder.head)
        self._min_rows = packed_linear.MIN_ROWS if packed_linear.is_available() else 1

    def allocate(self, num_tokens: int, *, num_before: int = 0) -> ContiguousKVBuffer:
        return ContiguousKVBuffer(self._kv_shape, capacity=num_tokens, num_before=num_before)

    def _forward(self, batch: Batch, wanted_rows: list[int]) -> Logits:
        num_padding = max(0, self._min_rows - batch.num_tokens)
        with torch.inference_mode():
            x = self._hidden(batch, num_padding)
            x = x[self._padded(wanted_rows)]
            logits = self._head(self._final_norm(x))[: len(wanted_rows)]
        rows: Logits = logits.numpy()
        return rows

    def _hidden(self, batch: Batch, num_padding: int) -> Tensor:
        """(tokens + padding, hidden_size) after the last layer."""
        padding = [0] * num_padding
        positions = torch.tensor(batch.positions() + padding)
        x = functional.embedding(torch.tensor(batch.token_ids() + padding), self._token_embedding)
        if self._position_embedding is not None:
            x = x + functional.embedding(positions, self._position_embedding)
        rotate = None if self._rotation is None else self._rotation.at(positions)
        attention = PackedBatchAttention(batch, num_padding)
        for layer in self._layers:
            x = layer(x, attention, rotate)
        return x

    def _padded(self, rows: list[int]) -> list[int]:
        """As many rows as the products need; none stay none."""
        return rows + rows[-1:] * (self._min_rows - len(rows))


class TorchLayer:
    def __init__(self, shape: DecoderShape, layer: Layer, layer_idx: int) -> None:
        self._shape = shape
        self._layer_idx = layer_idx
        self._scaling = shape.head_dim**-0.5
        self._activate = ACTIVATIONS[shape.activation]
        self._attention_norm = norm_of(shape, layer.attention_norm)
        self._mlp_norm = norm_of(shape, layer.mlp_norm)
        self._qkv = packed_linear.product_with(layer.qkv)
        self._output = packed_linear.product_with(layer.output)
        self._up = packed_linear.product_with(layer.up)
        self._down = packed_linear.product_with(layer.down)

    def __call__(
        self, x: Tensor, attention: PackedBatchAttention, rotate: Callable[[Tensor], Tensor] | None
    ) -> Tensor:
        """x: (rows, hidden_size)"""
        attended = self._attend(self._attention_norm(x), attention, rotate)
        if self._shape.is_parallel:
            return x + attended + self._mlp(self._mlp_norm(x))
        x = x + attended
        return x + self._mlp(self._mlp_norm(x))

    def _attend(
        self, x: Tensor, attention: PackedBatchAttention, rotate: Callable[[Tensor], Tensor] | None
    ) -> Tensor:
        shape = self._shape
        num_rotated = shape.num_heads + shape.num_kv_heads
        by_head = self._qkv(x).view(len(x), -1, shape.head_dim)  # (rows, heads, head_dim)
        query_key, value = by_head[:, :num_rotated], by_head[:, num_rotated:]
        if rotate is not None:
            query_key = rotate(query_key)
        query, key = query_key[:, : shape.num_heads], query_key[:, shape.num_heads :]
        attention.write(self._layer_idx, torch.stack((key, value)).transpose(1, 2))
        grouped = query.reshape(len(x), shape.num_kv_heads, -1, shape.head_dim)
        attended = attention.attend(self._layer_idx, grouped, self._scaling)
        return self._output(attended.flatten(1))  # (rows, kv_heads, group, head_dim) before

    def _mlp(self, x: Tensor) -> Tensor:
        up = self._up(x)
        if not self._shape.is_gated:
            return self._down(self._activate(up))
        gate, value = up.chunk(2, dim=-1)
        return self._down(self._activate(gate) * value)


def norm_of(shape: DecoderShape, norm: Norm) -> Callable[[Tensor], Tensor]:
    size, epsilon = (shape.hidden_size,), shape.norm_epsilon
    weight, bias = torch.from_numpy(norm.weight), packed_linear.tensor_or_none(norm.bias)
    if shape.norm_kind == NormKind.RMS:
        return lambda x: functional.rms_norm(x, size, weight, epsilon)
    return lambda x: functional.layer_norm(x, size, weight, bias, epsilon)


class TorchRotation:
    def __init__(self, rotary: Rotary, shape: DecoderShape) -> None:
        rotation = Rotation(rotary, shape)
        self._cos, self._sin = torch.from_numpy(rotation.cos), torch.from_numpy(rotation.sin)

    def at(self, positions: Tensor) -> "RotationAt":
        """positions: (rows,)"""
        return RotationAt(self._cos[positions, None], self._sin[positions, None])


class RotationAt:
    """The rotation of rows by their own positions; `cos` and `sin` are (rows, 1, num_dims)."""

    def __init__(self, cos: Tensor, sin: Tensor) -> None:
        self._cos, self._sin = cos, sin

    def __call__(self, x: Tensor) -> Tensor:
        """x: (rows, heads, head_dim)"""
        num_dims = self._cos.shape[-1]
        rotated, rest = x[..., :num_dims], x[..., num_dims:]
        first, second = rotated.chunk(2, dim=-1)
        rotated = rotated * self._cos + torch.cat((-second, first), dim=-1) * self._sin
        return torch.cat((rotated, rest), dim=-1) if rest.shape[-1] else rotated
