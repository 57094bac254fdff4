"""LRU cache of distributions: a spin draws from the wheel that was shown just before."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Self

from wheel.domain.distribution import Distribution, FloatArray
from wheel.domain.sampling import shape_distribution
from wheel.domain.wheel_settings import THRESHOLD, WheelSettings

MAX_BYTES = 64 * 1024 * 1024  # the wheels of some forty contexts, with 50,000 tokens each

Key = tuple[int, WheelSettings]


@dataclass(frozen=True, slots=True)
class ShapedLogits:
    """Logits, the distribution that a wheel draws from, and the model's own. Without filters, the
    two are one object, which is ranked only once."""

    logits: FloatArray
    shaped: Distribution
    raw: Distribution

    @classmethod
    def of(cls, logits: FloatArray, settings: WheelSettings) -> Self:
        """logits: (vocabulary_size,) raw"""
        shaped = shape_distribution(logits, settings)
        return cls(
            logits, shaped, Distribution.from_logits(logits) if settings.reshapes else shaped
        )

    @property
    def num_bytes(self) -> int:
        """Roughly: the probabilities, their logarithms, the ranking and its sums."""
        num_distributions = 1 if self.raw is self.shaped else 2
        return num_distributions * 4 * self.shaped.probs.nbytes


class RecentShapes:
    """Found by the array of logits itself and the settings: an engine returns one array for a
    context as long as its logits are cached. Arrays that can be written to are not kept. All
    threads may share a distribution, which is immutable but for what it computes on demand."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        # Each entry keeps its logits, so that no other array gets their identity.
        self._entries: OrderedDict[Key, ShapedLogits] = OrderedDict()
        self._num_bytes = 0

    def of(self, logits: FloatArray, settings: WheelSettings) -> ShapedLogits:
        """As `ShapedLogits.of`. The threshold reshapes nothing, so it makes no difference."""
        if logits.flags.writeable:
            return ShapedLogits.of(logits, settings)
        key = id(logits), replace(settings, threshold=THRESHOLD.neutral)
        with self._lock:
            if known := self._entries.get(key):
                self._entries.move_to_end(key)
                return known
        return self._remember(key, ShapedLogits.of(logits, settings))

    def _remember(self, key: Key, new: ShapedLogits) -> ShapedLogits:
        with self._lock:
            kept = self._entries.setdefault(key, new)  # another thread may have been faster
            if kept is new:
                self._num_bytes += new.num_bytes
            while self._num_bytes > self._max_bytes:
                self._num_bytes -= self._entries.popitem(last=False)[1].num_bytes
        return kept
