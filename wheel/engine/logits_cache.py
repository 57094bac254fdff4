"""The logits of contexts that were asked for before: an undo or a reload costs nothing."""

from collections import OrderedDict

from wheel.engine.request import ContextKey, Logits


class LogitsCache:
    """Least recently used rows are dropped first. Not thread-safe: its engine holds a lock."""

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
