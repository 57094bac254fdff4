"""LRU cache of key/value buffers, found by the longest common prefix of token ids.

A lease is the right to write behind a buffer's last row. Rows that are written never change, so
other sequences may copy from a leased buffer, but only the holder of the lease may extend it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheel.engine.request import ContextKey
from wheel.engine.sorted_contexts import SortedContexts

if TYPE_CHECKING:
    from wheel.engine.kv_buffer import KVBuffer

Allocate = Callable[[int], "KVBuffer"]  # returns an empty buffer for this many tokens


@dataclass(eq=False)
class _Entry:
    key: ContextKey
    buffer: "KVBuffer"
    is_leased: bool = False


class PrefixCache:
    """The buffers of all models under one budget in bytes, with LRU eviction.

    With a budget of 0 it keeps no buffer: every lease is empty, and every request is a full
    forward pass. Not thread-safe: only the engine's thread uses it.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._entries: OrderedDict[ContextKey, _Entry] = OrderedDict()  # the last used is last
        self._contexts = SortedContexts()  # the same keys
        self.num_bytes = 0

    def lease(self, model_id: str, token_ids: tuple[int, ...], allocate: Allocate) -> "KVBuffer":
        """A buffer with the longest known prefix of `token_ids`, without at least the last token,
        and room for all of them. The caller has to `release` or `discard` it."""
        entry, num_shared = self._longest_prefix(model_id, token_ids[:-1])
        if entry is None or num_shared == 0:
            return allocate(len(token_ids))
        if entry.is_leased or num_shared < entry.buffer.num_tokens:
            return entry.buffer.copy_prefix(num_shared, capacity=len(token_ids))
        entry.is_leased = True
        self.num_bytes -= entry.buffer.num_bytes
        entry.buffer.reserve(len(token_ids))
        self.num_bytes += entry.buffer.num_bytes
        return entry.buffer

    def release(self, model_id: str, buffer: "KVBuffer", token_ids: tuple[int, ...]) -> None:
        """Put back a buffer that now holds `token_ids`, then evict buffers beyond the budget.

        A buffer serves all prefixes of its tokens, so an entry that is a prefix of another one is
        removed.
        """
        self.discard(model_id, buffer)
        buffer.token_ids = token_ids
        key = (model_id, token_ids)
        if not token_ids or self._free(self._contexts.extensions(key)):
            return
        for shorter in self._free(self._contexts.prefixes(key)):
            self._remove(shorter)
        if key in self._entries:
            self._remove(key)  # leased: its holder releases it under a longer key
        self._entries[key] = _Entry(key, buffer)
        self._contexts.add(key)
        self.num_bytes += buffer.num_bytes
        self._evict()

    def discard(self, model_id: str, buffer: "KVBuffer") -> None:
        """Drop a buffer, such as one whose forward pass failed."""
        key = (model_id, buffer.token_ids)
        entry = self._entries.get(key)
        if entry is not None and entry.buffer is buffer:
            self._remove(key)

    def clear(self) -> None:
        """Drop all buffers, also leased ones, after the thread that held the leases has died."""
        self._entries.clear()
        self._contexts.clear()
        self.num_bytes = 0

    def check_integrity(self) -> None:
        """Call between requests. Asserts: nothing leased, keys match buffers, budget kept."""
        assert list(self._contexts) == sorted(self._entries)
        for key, entry in self._entries.items():
            assert not entry.is_leased
            assert (key[0], entry.buffer.token_ids) == entry.key == key
            assert entry.buffer.num_tokens <= entry.buffer.capacity
        assert self.num_bytes == sum(e.buffer.num_bytes for e in self._entries.values())
        assert self.num_bytes <= self._budget_bytes

    def _remove(self, key: ContextKey) -> None:
        self._contexts.remove(key)
        self.num_bytes -= self._entries.pop(key).buffer.num_bytes

    def _free(self, keys: Iterable[ContextKey]) -> list[ContextKey]:
        """Those of the keys whose buffer is not leased."""
        return [key for key in keys if not self._entries[key].is_leased]

    def count_known(self, model_id: str, token_ids: tuple[int, ...]) -> int:
        """The length of the longest known prefix. It does not count as a use."""
        return self._contexts.nearest((model_id, token_ids))[1]

    def _longest_prefix(
        self, model_id: str, token_ids: tuple[int, ...]
    ) -> tuple[_Entry | None, int]:
        """An entry that has the longest known prefix, and its length. If one ends there, it is
        that one, since it need not be copied."""
        key, num_shared = self._contexts.nearest((model_id, token_ids))
        if key is None:
            return None, 0
        entry = self._entries.get((model_id, token_ids[:num_shared])) or self._entries[key]
        if 2 * num_shared >= entry.buffer.num_tokens:
            # Sharing a short prefix does not count as a use, since otherwise buffers of
            # abandoned texts would never be evicted.
            self._entries.move_to_end(entry.key)
        return entry, num_shared

    def _evict(self) -> None:
        """LRU eviction; leased buffers stay, since a sequence is writing to them."""
        while self.num_bytes > self._budget_bytes:
            free = (entry.key for entry in self._entries.values() if not entry.is_leased)
            if (oldest := next(free, None)) is None:
                return
            self._remove(oldest)
