"""The counting engine under the test's control, and its model counted by hand, for the contract of
every engine.

The fixtures of the suite compare engines with a plain model of transformers. `PlainCounting` stands
for that model: it is called as one is, and counts with dictionaries.
"""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import torch

from tests.engine.engines import MODEL_ID, VOCABULARY_SIZE
from wheel.domain.counting_model import CountingModel
from wheel.engine.counting_engine import CountingEngine
from wheel.errors import ModelUnavailableError

CONTEXT_LENGTH = 64
# Every token of the vocabulary, so that no logarithm is infinite; some pairs and triples are seen
# often, others once or never.
TEXT = [*range(VOCABULARY_SIZE), *[(7 * i * i + i) % VOCABULARY_SIZE for i in range(400)]]


class ControlledModel:
    """A counting model whose rows begin with `control.enter`."""

    def __init__(self, control):
        self._model = CountingModel(np.array(TEXT), order=3, vocabulary_size=VOCABULARY_SIZE)
        self._control = control

    def next_logits(self, token_ids):
        self._control.enter(token_ids)
        return self._model.next_logits(token_ids)


class ControlledSource:
    """As `ModelSource`, for counting models."""

    def __init__(self, control):
        self.asked = []
        self._model = ControlledModel(control)

    def __call__(self, model_id):
        self.asked.append(model_id)
        if model_id != MODEL_ID:
            raise ModelUnavailableError("It is not here.")
        return self._model


def make_counting_engine(source):
    return CountingEngine(source, context_length=CONTEXT_LENGTH)


class PlainCounting:
    def __call__(self, batch):
        token_ids = tuple(batch[0].tolist())
        rows = [log_probs_by_hand(token_ids[:end]) for end in range(1, len(token_ids) + 1)]
        return SimpleNamespace(logits=torch.tensor([rows]))


def log_probs_by_hand(token_ids):
    return np.log(probs_by_hand(token_ids[-2:])).tolist()


def probs_by_hand(context):
    length = len(context)
    counts = Counter(
        TEXT[end] for end in range(length, len(TEXT)) if tuple(TEXT[end - length : end]) == context
    )
    total = counts.total()
    if not context:
        return [counts[token_id] / total for token_id in range(VOCABULARY_SIZE)]
    lower = probs_by_hand(context[1:])
    if not total:
        return lower
    left = 0.5 * len(counts) / total
    return [
        max(counts[token_id] - 0.5, 0) / total + left * lower[token_id]
        for token_id in range(VOCABULARY_SIZE)
    ]
