"""Keys and values of many sequences in the pages of one array, as paged attention reads them.

Source: W. Kwon et al., "Efficient Memory Management for Large Language Model Serving with
PagedAttention", 2023.
"""

import mmap
import weakref
from collections import deque
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from threading import RLock

import numpy as np
import numpy.typing as npt

from wheel.engine.kv_buffer import KVShape

BLOCK_TOKENS = 32  # of OpenVINO's paged attention on CPUs
FIRST_BLOCKS = 8
MAX_IDLE_BYTES = 64 * 1024 * 1024  # of free blocks that keep their memory
# Python's own choice, shared memory, would keep what is discarded.
PRIVATE: dict[str, int] = (
    {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
)


class BlockPool:
    """Blocks of `BLOCK_TOKENS` tokens, each with the keys and values of all layers.

    A page is what one layer reads of a block: (num_kv_heads, BLOCK_TOKENS, head_dim) float32. Those
    of block b are 2 * num_layers * b and the following: keys and values of the first layer, then
    those of the second. Hold `lock` to read or write `pages`, since taking blocks may move them.
    """

    def __init__(self, shape: KVShape) -> None:
        self._shape = shape
        self.pages_per_block = 2 * shape.num_layers
        self.bytes_per_block = BLOCK_TOKENS * shape.bytes_per_token
        self.lock = RLock()
        # A heap: low numbers first, so that the rest stays untouched.
        self._free = list(range(FIRST_BLOCKS))
        self._given_back: deque[int] = deque()
        self._memory, self.pages = self._allocate(FIRST_BLOCKS)
        self._touched: set[int] = set()  # free blocks that may have memory

    @property
    def num_blocks(self) -> int:
        return len(self.pages) // self.pages_per_block

    def take(self, num_blocks: int) -> list[int]:
        """Blocks with any content, for one owner."""
        with self.lock:
            self._collect()
            if len(self._free) < num_blocks:
                self._grow(num_blocks - len(self._free))
            taken = [heappop(self._free) for _ in range(num_blocks)]
            self._touched.difference_update(taken)
            return taken

    def give_back(self, blocks: Sequence[int]) -> None:
        """May be called at any moment in any thread, since the garbage collector does."""
        self._given_back.extend(blocks)

    def copy(self, sources: Sequence[int], targets: Sequence[int]) -> None:
        with self.lock:
            blocks = self._blocks
            for source, target in zip(sources, targets, strict=True):
                blocks[target] = blocks[source]

    @property
    def _blocks(self) -> npt.NDArray[np.float32]:
        """(num_blocks, pages_per_block * page)"""
        return self.pages.reshape(self.num_blocks, -1)

    def _collect(self) -> None:
        """Make blocks that were given back free, and return memory to the system."""
        while self._given_back:
            block = self._given_back.popleft()
            heappush(self._free, block)
            self._touched.add(block)
        num_kept = MAX_IDLE_BYTES // self.bytes_per_block
        if len(self._touched) > num_kept:
            for block in sorted(self._touched)[num_kept:]:
                self._discard(block)
                self._touched.discard(block)

    def _discard(self, block: int) -> None:
        """The system takes the memory, and gives zeros at the next use. Windows cannot do so."""
        if hasattr(mmap, "MADV_DONTNEED"):
            start = -(-block * self.bytes_per_block // mmap.PAGESIZE) * mmap.PAGESIZE
            end = (block + 1) * self.bytes_per_block // mmap.PAGESIZE * mmap.PAGESIZE
            if start < end:
                self._memory.madvise(mmap.MADV_DONTNEED, start, end - start)

    def _grow(self, num_more: int) -> None:
        """Twice as many blocks, or more."""
        old, num_old = self.pages, self.num_blocks
        num_blocks = max(2 * num_old, num_old + num_more)
        memory, self.pages = self._allocate(num_blocks)
        free = set(self._free)
        blocks, old_blocks = self._blocks, old.reshape(num_old, -1)
        for block in range(num_old):
            if block not in free:
                blocks[block] = old_blocks[block]
        self._memory = memory
        self._free.extend(range(num_old, num_blocks))
        heapify(self._free)
        self._touched.clear()

    def _allocate(self, num_blocks: int) -> tuple[mmap.mmap, npt.NDArray[np.float32]]:
        """Memory of zeros, which the system gives when it is first used."""
        memory = mmap.mmap(-1, num_blocks * self.bytes_per_block, **PRIVATE)
        shape = self._shape
        pages = np.frombuffer(memory, np.float32).reshape(
            num_blocks * self.pages_per_block, shape.num_kv_heads, BLOCK_TOKENS, shape.head_dim
        )
        return memory, pages


class PagedKVBuffer:
    """The blocks of one sequence. See `KVBuffer`."""

    def __init__(self, pool: BlockPool, *, capacity: int, num_before: int = 0) -> None:
        self.token_ids: tuple[int, ...] = ()
        self.num_before = num_before
        self.blocks: list[int] = []
        self._pool = pool
        self._end = weakref.finalize(self, pool.give_back, self.blocks)
        self._end.atexit = False
        self.reserve(capacity)

    @property
    def num_tokens(self) -> int:
        return len(self.token_ids)

    @property
    def capacity(self) -> int:
        return len(self.blocks) * BLOCK_TOKENS - self.num_before

    @property
    def num_bytes(self) -> int:
        return len(self.blocks) * self._pool.bytes_per_block

    def reserve(self, num_tokens: int) -> None:
        num_missing = num_blocks_for(self.num_before + num_tokens) - len(self.blocks)
        if num_missing > 0:
            self.blocks += self._pool.take(num_missing)

    def copy_prefix(self, num_tokens: int, *, capacity: int) -> "PagedKVBuffer":
        assert num_tokens <= self.num_tokens
        copy = PagedKVBuffer(
            self._pool, capacity=max(capacity, num_tokens), num_before=self.num_before
        )
        num_blocks = num_blocks_for(self.num_before + num_tokens)
        self._pool.copy(self.blocks[:num_blocks], copy.blocks[:num_blocks])
        copy.token_ids = self.token_ids[:num_tokens]
        return copy


def num_blocks_for(num_tokens: int) -> int:
    return -(-num_tokens // BLOCK_TOKENS)
