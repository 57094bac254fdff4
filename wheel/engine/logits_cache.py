"""LRU cache of logits by context, so that an undo or a reload needs no forward pass."""

from collections import OrderedDict

from wheel.engine.arrays import Logits
from wheel.engine.request import ContextKey


class LogitsCache:
    """Evicts the least recently used rows beyond its budget in bytes. Not thread-safe."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._rows: OrderedDict[ContextKey, Logits] = OrderedDict()
        self.num_bytes = 0

    def __contains__(self, key: ContextKey) -> bool:
        return key in self._rows

    def get(self, key: ContextKey) -> Logits | None:
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
        return row

    def put(self, key: ContextKey, row: Logits) -> None:
        if row.nbytes > self._budget_bytes or key in self._rows:
            return
        self._rows[key] = row
        self.num_bytes += row.nbytes
        while self.num_bytes > self._budget_bytes:
            self.num_bytes -= self._rows.popitem(last=False)[1].nbytes

    def check_integrity(self) -> None:
        assert self.num_bytes == sum(row.nbytes for row in self._rows.values())
        assert self.num_bytes <= self._budget_bytes
