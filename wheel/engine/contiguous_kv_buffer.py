"""Keys and values of one sequence in one tensor, for attention in torch."""

import torch

from wheel.engine.kv_buffer import KVShape

CAPACITY_GRANULARITY = 64  # tokens


class ContiguousKVBuffer:
    """One tensor. See `KVBuffer`."""

    def __init__(self, shape: KVShape, *, capacity: int, num_before: int = 0) -> None:
        self.shape = shape
        self.token_ids: tuple[int, ...] = ()
        self.num_before = num_before
        self._data = self._allocate(num_before + capacity)

    @property
    def num_tokens(self) -> int:
        return len(self.token_ids)

    @property
    def capacity(self) -> int:
        return int(self._data.shape[3]) - self.num_before

    @property
    def num_bytes(self) -> int:
        return self._data.nbytes

    def rows(self, start: int, stop: int) -> torch.Tensor:
        """Keys and values of these rows, counted with those before the tokens:
        (layers, 2, kv_heads, stop - start, head_dim)"""
        return self._data[:, :, :, start:stop]

    def reserve(self, num_tokens: int) -> None:
        if num_tokens > self.capacity:
            old, num_written = self._data, self.num_before + self.num_tokens
            self._data = self._allocate(self.num_before + num_tokens)
            self._data[:, :, :, :num_written] = old[:, :, :, :num_written]

    def copy_prefix(self, num_tokens: int, *, capacity: int) -> "ContiguousKVBuffer":
        assert num_tokens <= self.num_tokens
        copy = ContiguousKVBuffer(
            self.shape, capacity=max(capacity, num_tokens), num_before=self.num_before
        )
        num_rows = self.num_before + num_tokens
        copy._data[:, :, :, :num_rows] = self._data[:, :, :, :num_rows]
        copy.token_ids = self.token_ids[:num_tokens]
        return copy

    def _allocate(self, num_tokens: int) -> torch.Tensor:
        """(layers, 2, kv_heads, capacity, head_dim)"""
        capacity = -(-num_tokens // CAPACITY_GRANULARITY) * CAPACITY_GRANULARITY
        shape = self.shape
        return torch.empty(shape.num_layers, 2, shape.num_kv_heads, capacity, shape.head_dim)
