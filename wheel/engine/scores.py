"""Scores of a text: the figures of each token given all tokens before it.

The logits of a chunk of positions are reduced to a few numbers a position before those of the next
chunk are computed, since those of a whole text would take gigabytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from wheel.engine.arrays import Logits

ROWS_AT_ONCE = 16  # in float64, 400 KB each for a vocabulary of 50,000


@dataclass(frozen=True, eq=False)
class Scores:
    """For each token of a text but the first, (tokens - 1,) each.

    log_probs           float64, natural logarithm of the token's probability
    ranks               int64, 0-based: by descending probability, ties by token id
    expected_ids        int64, the most probable token instead; of equals the one with the lowest id
    expected_log_probs  float64, natural logarithm of the probability of that one
    """

    log_probs: npt.NDArray[np.float64]
    ranks: npt.NDArray[np.int64]
    expected_ids: npt.NDArray[np.int64]
    expected_log_probs: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.log_probs)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Those of the parts of a text, one after the other."""
        columns: list[Any] = [
            np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)
        ]
        return cls(*columns)

    @classmethod
    def of_rows(cls, rows: Logits, targets: Sequence[int]) -> Self:
        """rows: (positions, vocabulary_size) logits; targets: the token that follows at each."""
        parts = (slice(start, start + ROWS_AT_ONCE) for start in range(0, len(rows), ROWS_AT_ONCE))
        return cls.joined([cls._of_few(rows[part], targets[part]) for part in parts])

    @classmethod
    def _of_few(cls, rows: Logits, targets: Sequence[int]) -> Self:
        exact = rows.astype(np.float64)
        positions, target_ids = np.arange(len(targets)), np.asarray(targets)
        expected_ids = exact.argmax(axis=1)
        highest = exact[positions, expected_ids]
        log_totals = highest + np.log(np.exp(exact - highest[:, None]).sum(axis=1))
        own = exact[positions, target_ids]
        is_before = exact > own[:, None]
        is_equal_and_before = (exact == own[:, None]) & (
            np.arange(exact.shape[1]) < target_ids[:, None]
        )
        return cls(
            np.minimum(own - log_totals, 0.0),
            (is_before | is_equal_and_before).sum(axis=1),
            expected_ids,
            np.minimum(highest - log_totals, 0.0),
        )
