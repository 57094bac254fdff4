"""Figures of a text, computed from the logits of each of its beginnings with numpy alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class PlainScore:
    """`rank` is 1-based."""

    token_id: int
    prob: float
    log_prob: float
    rank: int
    expected_id: int
    expected_prob: float

    @property
    def bits(self):
        return -self.log_prob / np.log(2)


def plain_scores(engine: Any, token_ids, model_id="gpt2"):
    return [plain_score(engine, token_ids[: i + 1], model_id) for i in range(1, len(token_ids))]


def plain_score(engine, token_ids, model_id):
    """Of the last token after the others."""
    *before, token_id = token_ids
    row = engine.next_logits(model_id, tuple(before)).result(60).astype(np.float64)
    log_probs = row - row.max() - np.log(np.exp(row - row.max()).sum())
    order = np.lexsort((np.arange(len(row)), -row)).tolist()
    return PlainScore(
        token_id,
        float(np.exp(log_probs[token_id])),
        float(log_probs[token_id]),
        1 + order.index(token_id),
        order[0],
        float(np.exp(log_probs[order[0]])),
    )
