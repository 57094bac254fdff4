"""Attention over packed batches.

The new tokens of all sequences are in one row. Their keys and values are written into each
sequence's buffer, and each sequence attends over its own range.
"""

from typing import cast

import torch
from torch.nn.functional import scaled_dot_product_attention

from wheel.engine.batch import Batch, Chunk
from wheel.engine.contiguous_kv_buffer import ContiguousKVBuffer


class SequenceAttention:
    """Attention of one chunk over its own sequence.

    Holds views into the sequence's buffer, made once for all layers of a forward pass. Of each
    layer: `new` (2, kv_heads, new, head_dim) to write to, and `keys` and `values`
    (1, kv_heads, all so far, head_dim) to read.
    """

    def __init__(self, chunk: Chunk) -> None:
        buffer = cast("ContiguousKVBuffer", chunk.buffer)
        self.new = buffer.rows(chunk.start, chunk.stop).unbind(0)
        so_far = buffer.rows(0, chunk.stop)
        self.keys = so_far[:, :1].unbind(0)
        self.values = so_far[:, 1:].unbind(0)
        self.mask = causal_mask(chunk.num_tokens, chunk.stop) if chunk.num_tokens > 1 else None

    def attend(self, layer_idx: int, query: torch.Tensor, scaling: float) -> torch.Tensor:
        """query: (new, kv_heads, group, head_dim) -> the same shape.

        The query heads of a group share keys and values. With a single new token, the heads of a
        group form one matrix, so keys and values need not be repeated.
        """
        keys, values = self.keys[layer_idx], self.values[layer_idx]
        if self.mask is None:
            return scaled_dot_product_attention(query, keys, values, scale=scaling)
        output = scaled_dot_product_attention(
            query.flatten(1, 2).transpose(0, 1).unsqueeze(0),
            keys,
            values,
            attn_mask=self.mask,
            scale=scaling,
            enable_gqa=query.shape[2] > 1,
        )
        by_token: torch.Tensor = output[0].transpose(0, 1)
        return by_token.reshape(query.shape)


class PackedBatchAttention:
    """Attention of a whole packed batch; `num_padding` rows follow the batch's own."""

    def __init__(self, batch: Batch, num_padding: int = 0) -> None:
        self._sequences = [SequenceAttention(chunk) for chunk in batch.chunks]
        self._lengths = [chunk.num_tokens for chunk in batch.chunks]
        self._num_tokens = sum(self._lengths)
        self._num_padding = num_padding
        self._new = list(zip(*(sequence.new for sequence in self._sequences), strict=True))

    def write(self, layer_idx: int, new: torch.Tensor) -> None:
        """new: keys and values, (2, kv_heads, total, head_dim) in any layout in memory"""
        parts = new[:, :, : self._num_tokens].split_with_sizes(self._lengths, dim=2)
        torch._foreach_copy_(self._new[layer_idx], parts)

    def attend(self, layer_idx: int, query: torch.Tensor, scaling: float) -> torch.Tensor:
        """query: (total, kv_heads, group, head_dim) -> the same shape"""
        queries = query[: self._num_tokens].split_with_sizes(self._lengths)
        outputs = [
            sequence.attend(layer_idx, part, scaling)
            for sequence, part in zip(self._sequences, queries, strict=True)
        ]
        if self._num_padding:
            outputs += [outputs[-1][-1:]] * self._num_padding
        return outputs[0] if len(outputs) == 1 else torch.cat(outputs)


def causal_mask(num_new: int, num_all: int) -> torch.Tensor:
    """(new, all) booleans: the last of the new tokens attends to all tokens."""
    return torch.ones(num_new, num_all, dtype=torch.bool).tril(num_all - num_new)
