"""LRU cache of the scores of texts, so that a prompt is scored once and not at every look at it."""

import threading
from collections import OrderedDict

from wheel.engine.request import ContextKey
from wheel.engine.scores import Scores

BYTES_PER_TOKEN = 4 * 8 + 40  # four figures, and the id in the key
BYTES_PER_TEXT = 1000  # of the objects around them


class ScoresCache:
    """Evicts the least recently used scores beyond its budget in bytes. Thread-safe. It is outside
    the engine, so that it serves an engine on other machines too."""

    def __init__(self, budget_bytes: int = 4 * 1024 * 1024) -> None:
        self._budget_bytes = budget_bytes
        self._scores: OrderedDict[ContextKey, Scores] = OrderedDict()
        self._num_bytes = 0
        self._lock = threading.Lock()

    def get(self, key: ContextKey) -> Scores | None:
        with self._lock:
            scores = self._scores.get(key)
            if scores is not None:
                self._scores.move_to_end(key)
            return scores

    def put(self, key: ContextKey, scores: Scores) -> None:
        with self._lock:
            if size_of(key) > self._budget_bytes or key in self._scores:
                return
            self._scores[key] = scores
            self._num_bytes += size_of(key)
            while self._num_bytes > self._budget_bytes:
                self._num_bytes -= size_of(self._scores.popitem(last=False)[0])

    def check_integrity(self) -> None:
        with self._lock:
            assert self._num_bytes == sum(map(size_of, self._scores))
            assert self._num_bytes <= self._budget_bytes


def size_of(key: ContextKey) -> int:
    """About the bytes that a text takes in the cache."""
    return BYTES_PER_TEXT + BYTES_PER_TOKEN * len(key[1])
