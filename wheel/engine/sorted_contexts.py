"""Contexts in lexicographic order, in which those that share a long prefix stand side by side.

So a search by bisection finds them: of a thousand contexts it compares with ten.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

from wheel.engine.request import ContextKey


class SortedContexts:
    """A set of contexts, none of which is empty."""

    def __init__(self) -> None:
        self._keys: list[ContextKey] = []

    def __iter__(self) -> Iterator[ContextKey]:
        return iter(self._keys)

    def add(self, key: ContextKey) -> None:
        """`key` must not be in the set."""
        insort(self._keys, key)

    def remove(self, key: ContextKey) -> None:
        """`key` must be in the set."""
        del self._keys[bisect_left(self._keys, key)]

    def clear(self) -> None:
        self._keys.clear()

    def nearest(self, key: ContextKey) -> tuple[ContextKey | None, int]:
        """A context that shares the longest prefix with `key`, and the length of that prefix in
        tokens; None if no context shares any."""
        idx = bisect_left(self._keys, key)
        nearest, num_shared = None, 0
        for neighbour in self._keys[max(0, idx - 1) : idx + 1]:
            if (shared := num_shared_tokens(neighbour, key)) > num_shared:
                nearest, num_shared = neighbour, shared
        return nearest, num_shared

    def extensions(self, key: ContextKey) -> Iterator[ContextKey]:
        """Those that begin with `key`, also `key` itself."""
        model_id, token_ids = key
        for idx in range(bisect_left(self._keys, key), len(self._keys)):
            other = self._keys[idx]
            if other[0] != model_id or other[1][: len(token_ids)] != token_ids:
                return
            yield other

    def prefixes(self, key: ContextKey) -> Iterator[ContextKey]:
        """Those that `key` begins with, the longest first; not `key` itself."""
        model_id, rest = key[0], key[1][:-1]
        while rest:
            # No context between this one and `rest` is a prefix of it.
            idx = bisect_right(self._keys, (model_id, rest)) - 1
            if idx < 0:
                return
            before = self._keys[idx]
            num_shared = num_shared_tokens(before, (model_id, rest))
            if num_shared == len(before[1]):
                yield before
                rest = rest[: num_shared - 1]
            else:
                rest = rest[:num_shared]


def num_shared_tokens(first: ContextKey, second: ContextKey) -> int:
    """The length of the longest common prefix, by bisection: slices compare at C speed. 0 for
    contexts of different models."""
    (first_model_id, first_ids), (second_model_id, second_ids) = first, second
    if first_model_id != second_model_id:
        return 0
    low, high = 0, min(len(first_ids), len(second_ids))
    while low < high:
        middle = (low + high + 1) // 2
        if first_ids[low:middle] == second_ids[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
