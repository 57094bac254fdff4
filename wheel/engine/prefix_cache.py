"""LRU cache of key/value buffers, found by the longest common prefix of token ids.

A lease is the right to write behind a buffer's last row. Rows that are written never change, so
other sequences may copy from a leased buffer, but only the holder of the lease may extend it.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheel.engine.request import ContextKey

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
        self._entries: OrderedDict[ContextKey, _Entry] = OrderedDict()
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
        free = [entry.key for entry in self._entries.values() if not entry.is_leased]
        if not token_ids or any(is_prefix(key, longer) for longer in free):
            return
        for shorter in [other for other in free if is_prefix(other, key)]:
            self._remove(shorter)
        if key in self._entries:
            self._remove(key)  # leased: its holder releases it under a longer key
        self._entries[key] = _Entry(key, buffer)
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
        self.num_bytes = 0

    def check_integrity(self) -> None:
        """Call between requests. Asserts: nothing leased, keys match buffers, budget kept."""
        for key, entry in self._entries.items():
            assert not entry.is_leased
            assert (key[0], entry.buffer.token_ids) == entry.key == key
            assert entry.buffer.num_tokens <= entry.buffer.capacity
        assert self.num_bytes == sum(e.buffer.num_bytes for e in self._entries.values())
        assert self.num_bytes <= self._budget_bytes

    def _remove(self, key: ContextKey) -> None:
        self.num_bytes -= self._entries.pop(key).buffer.num_bytes

    def count_known(self, model_id: str, token_ids: tuple[int, ...]) -> int:
        """The length of the longest known prefix. It does not count as a use."""
        if (model_id, token_ids) in self._entries:
            return len(token_ids)
        return self._search(model_id, token_ids)[1]

    def _longest_prefix(
        self, model_id: str, token_ids: tuple[int, ...]
    ) -> tuple[_Entry | None, int]:
        best, best_len = self._entries.get((model_id, token_ids)), len(token_ids)
        if best is None:
            best, best_len = self._search(model_id, token_ids)
        if best is not None and 2 * best_len >= best.buffer.num_tokens:
            # Sharing a short prefix does not count as a use, since otherwise buffers of
            # abandoned texts would never be evicted.
            self._entries.move_to_end(best.key)
        return best, best_len

    def _search(self, model_id: str, token_ids: tuple[int, ...]) -> tuple[_Entry | None, int]:
        """Compare with every entry. Among entries that share the same number of tokens, one that
        has no further tokens is best, since it need not be copied."""
        best, best_len = None, 0
        for (known_model_id, known), entry in self._entries.items():
            if known_model_id != model_id:
                continue
            shared = num_shared_tokens(known, token_ids)
            if shared > best_len or (shared == best_len > 0 and len(known) == shared):
                best, best_len = entry, shared
        return best, best_len

    def _evict(self) -> None:
        """LRU eviction; leased buffers stay, since a sequence is writing to them."""
        for entry in list(self._entries.values()):
            if self.num_bytes <= self._budget_bytes:
                return
            if not entry.is_leased:
                self._remove(entry.key)


def is_prefix(first: ContextKey, second: ContextKey) -> bool:
    """Whether the second context begins with the first, or is the same."""
    (first_model_id, shorter), (second_model_id, longer) = first, second
    num_tokens = len(shorter)
    return (
        num_tokens <= len(longer)
        and longer[num_tokens - 1] == shorter[-1]  # cheap, and rarely true
        and longer[:num_tokens] == shorter
        and first_model_id == second_model_id
    )


def num_shared_tokens(first: tuple[int, ...], second: tuple[int, ...]) -> int:
    """The length of the longest common prefix, by bisection: slices compare at C speed."""
    low, high = 0, min(len(first), len(second))
    if not high or first[0] != second[0]:
        return 0
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
