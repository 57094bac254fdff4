"""Attention over a packed batch, put into transformers' models from outside.

transformers lets any of its models run with a registered attention function. This one gets the new
tokens of all sequences in one row, writes their keys and values into each sequence's own buffer,
and attends over each sequence's own range. Nothing here knows a model's architecture.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from wheel.engine.batch import Batch, Chunk

NAME = "packed"

_running = threading.local()


@contextmanager
def attending_to(batch: Batch) -> Iterator[None]:
    """The batch that the forward pass of this thread works on."""
    _running.batch = batch
    try:
        yield
    finally:
        _running.batch = None


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """query: (1, heads, total, head_dim); key, value: (1, kv_heads, total, head_dim).

    Returns (1, total, heads, head_dim). Where no packed batch is running, the model attends as
    transformers would, so that it can still be used as it came.
    """
    batch: Batch | None = getattr(_running, "batch", None)
    if batch is None:
        plain, _ = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **kwargs
        )
        return plain, None
    layer_idx: int = module.layer_idx  # type: ignore[assignment]
    query, key, value = query[0], key[0], value[0]
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    outputs, start = [], 0
    for chunk in batch.chunks:
        rows = slice(start, start + chunk.num_tokens)
        start = rows.stop
        keys, values = write(chunk, layer_idx, key[:, rows], value[:, rows])
        attend_one = attend_decode if chunk.num_tokens == 1 else attend_prefill
        outputs.append(attend_one(query[:, rows], keys, values, scaling))
    output = outputs[0] if len(outputs) == 1 else torch.cat(outputs)
    return output.unsqueeze(0), None


def write(
    chunk: Chunk, layer_idx: int, key: torch.Tensor, value: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Write the new rows; return all keys and values so far, (kv_heads, stop, head_dim) each."""
    keys = chunk.buffer.keys(layer_idx)[:, : chunk.stop]
    values = chunk.buffer.values(layer_idx)[:, : chunk.stop]
    keys[:, chunk.start :] = key
    values[:, chunk.start :] = value
    return keys, values


def attend_decode(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, scaling: float
) -> torch.Tensor:
    """One new token: (heads, 1, head_dim) -> (1, heads, head_dim).

    Query heads that share keys and values are one matrix, so these are never repeated.
    """
    num_kv_heads, head_dim = keys.shape[0], keys.shape[2]
    grouped = query.reshape(num_kv_heads, -1, head_dim) * scaling
    probs = torch.softmax(torch.bmm(grouped, keys.transpose(1, 2)), dim=-1)
    return torch.bmm(probs, values).view(1, -1, head_dim)


def attend_prefill(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, scaling: float
) -> torch.Tensor:
    """Several new tokens: (heads, new, head_dim) -> (new, heads, head_dim), each seeing itself and
    all before it."""
    num_new, num_all = query.shape[1], keys.shape[1]
    is_from_start = num_new == num_all
    mask = None if is_from_start else causal_mask(num_new, num_all)
    output = scaled_dot_product_attention(
        query.unsqueeze(0),
        keys.unsqueeze(0),
        values.unsqueeze(0),
        attn_mask=mask,
        is_causal=is_from_start,
        scale=scaling,
        enable_gqa=query.shape[0] != keys.shape[0],
    )
    return output[0].transpose(0, 1)


def causal_mask(num_new: int, num_all: int) -> torch.Tensor:
    """(new, all) booleans: the last of the new tokens sees everything."""
    return torch.ones(num_new, num_all, dtype=torch.bool).tril(num_all - num_new)


AttentionInterface.register(NAME, attend)
