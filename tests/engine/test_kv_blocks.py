"""The blocks of keys and values: no two buffers share one, and all keep their content."""

import gc
import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from wheel.engine import kv_blocks
from wheel.engine.kv_blocks import BLOCK_TOKENS, BlockPool, PagedKVBuffer
from wheel.engine.kv_buffer import KVShape

SHAPE = KVShape(num_layers=2, num_kv_heads=2, head_dim=8)


def pages_of(pool, block):
    return pool.pages[block * pool.pages_per_block : (block + 1) * pool.pages_per_block]


def fill(pool, buffer, number):
    """As a forward pass writes the rows of all tokens."""
    for block in buffer.blocks:
        pages_of(pool, block)[:] = number


def content(pool, buffer):
    return {float(n) for block in buffer.blocks for n in np.unique(pages_of(pool, block))}


class Buffers(RuleBasedStateMachine):
    """Buffers that come, grow, are copied and are dropped, each with a number of its own."""

    def __init__(self):
        super().__init__()
        self.pool = BlockPool(SHAPE)
        self.buffers = []
        self.next_number = 1.0

    def add(self, buffer):
        fill(self.pool, buffer, self.next_number)
        self.buffers.append((buffer, self.next_number))
        self.next_number += 1

    @rule(capacity=st.integers(1, 300))
    def allocate(self, capacity):
        buffer = PagedKVBuffer(self.pool, capacity=capacity)
        buffer.token_ids = tuple(range(capacity))
        assert buffer.capacity >= capacity
        self.add(buffer)

    @rule(data=st.data(), num_more=st.integers(1, 100))
    def grow(self, data, num_more):
        if self.buffers:
            buffer, number = self.buffers.pop(data.draw(st.integers(0, len(self.buffers) - 1)))
            old_blocks = list(buffer.blocks)
            buffer.reserve(buffer.num_tokens + num_more)
            assert buffer.blocks[: len(old_blocks)] == old_blocks
            assert {float(x) for b in old_blocks for x in np.unique(pages_of(self.pool, b))} == {
                number
            }
            self.add(buffer)

    @rule(data=st.data())
    def copy(self, data):
        if self.buffers:
            buffer, number = data.draw(st.sampled_from(self.buffers))
            num_tokens = data.draw(st.integers(1, buffer.num_tokens))
            copy = buffer.copy_prefix(num_tokens, capacity=num_tokens)
            assert copy.token_ids == buffer.token_ids[:num_tokens]
            assert content(self.pool, copy) == {number}
            self.add(copy)

    @rule(data=st.data())
    def drop(self, data):
        if self.buffers:
            self.buffers.pop(data.draw(st.integers(0, len(self.buffers) - 1)))

    @invariant()
    def every_buffer_has_its_own_content(self):
        for buffer, number in self.buffers:
            assert content(self.pool, buffer) == {number}
        blocks = [block for buffer, _ in self.buffers for block in buffer.blocks]
        assert len(blocks) == len(set(blocks))


TestBuffers = Buffers.TestCase
TestBuffers.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def test_blocks_of_a_dropped_buffer_are_used_again():
    pool = BlockPool(SHAPE)
    for _ in range(100):
        buffer = PagedKVBuffer(pool, capacity=5 * BLOCK_TOKENS)
        del buffer
        gc.collect()

    assert pool.num_blocks == kv_blocks.FIRST_BLOCKS


def test_a_row_before_the_tokens_has_room():
    buffer = PagedKVBuffer(BlockPool(SHAPE), capacity=BLOCK_TOKENS, num_before=1)

    assert len(buffer.blocks) == 2
    assert buffer.capacity == 2 * BLOCK_TOKENS - 1


def resident_kib():
    with Path("/proc/self/smaps_rollup").open() as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Rss:"))


@pytest.mark.skipif(not hasattr(mmap, "MADV_DONTNEED"), reason="Windows keeps the memory")
def test_memory_of_free_blocks_goes_back_to_the_system():
    pool = BlockPool(KVShape(num_layers=12, num_kv_heads=12, head_dim=64))  # 2.25 MiB a block
    buffer = PagedKVBuffer(pool, capacity=100 * BLOCK_TOKENS)
    fill(pool, buffer, 1.0)
    before_kib = resident_kib()

    del buffer
    gc.collect()
    small = PagedKVBuffer(pool, capacity=1)

    freed_kib = before_kib - resident_kib()
    assert freed_kib > 100 * 1024  # of 225 MiB, 64 of which are kept
    assert content(pool, small) == {1.0}
    large = PagedKVBuffer(pool, capacity=99 * BLOCK_TOKENS)
    assert np.unique(pages_of(pool, large.blocks[-1])[0]).tolist() == [0.0]  # discarded
