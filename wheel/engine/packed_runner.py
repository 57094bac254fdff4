"""Scores, and the check of logits, of all runners that compute packed batches themselves."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from wheel.engine.arrays import Logits
from wheel.engine.batch import Batch, Chunk, NonFiniteLogitsError
from wheel.engine.scores import Scores


class PackedRunner(ABC):
    """Raises `NonFiniteLogitsError` for logits that are no numbers. See `Runner`."""

    def score(self, chunk: Chunk, targets: Sequence[int]) -> Scores:
        rows = self._finite_logits(Batch([chunk]), list(range(chunk.num_tokens)))
        return Scores.of_rows(rows, targets)

    def run(self, batch: Batch) -> Logits:
        return self._finite_logits(batch, batch.last_rows())

    def _finite_logits(self, batch: Batch, wanted_rows: list[int]) -> Logits:
        logits = self._forward(batch, wanted_rows)
        if not np.isfinite(logits).all():
            raise NonFiniteLogitsError
        return logits

    @abstractmethod
    def _forward(self, batch: Batch, wanted_rows: list[int]) -> Logits:
        """The logits of these rows of the batch: (wanted, vocabulary_size)."""
