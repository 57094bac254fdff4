"""Engine of models that answer from a table of counts, in the thread of the caller.

A row takes less than a millisecond, so there is no queue, no cache and no thread. Each session has
an engine of its own, which knows no other session's model.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

import numpy as np

from wheel.engine.arrays import Logits
from wheel.engine.request import (
    answered,
    check_context_length,
    check_text_to_score,
    failed,
)
from wheel.engine.scores import ROWS_AT_ONCE, Scores
from wheel.engine.statistics import EngineStatistics, StatisticsRecorder
from wheel.errors import EngineFailedError, TokenWheelError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class CountedModel(Protocol):
    def next_logits(self, token_ids: tuple[int, ...]) -> Logits:
        """(vocabulary_size,) float32; -inf for a token that cannot follow."""


class CountingEngine:
    """`models` returns the model of an id, or raises `ModelUnavailableError`.

    context_length  how many token ids a request may have, although a model reads the last few only
    """

    def __init__(self, models: Callable[[str], CountedModel], *, context_length: int) -> None:
        self._models = models
        self._context_length = context_length
        self._statistics = StatisticsRecorder()
        self._num_requests = 0

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop: no request is ever under way outside its caller's thread."""

    def is_alive(self) -> bool:
        return True

    def next_logits(
        self, model_id: str, token_ids: tuple[int, ...], *, affinity_key: str = ""
    ) -> "Future[Logits]":
        def row() -> Logits:
            check_context_length(len(token_ids), self._context_length)
            logits = self._models(model_id).next_logits(token_ids)
            logits.flags.writeable = False
            return logits

        return self._answer(model_id, len(token_ids), row)

    def score(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Scores]":
        def scores() -> Scores:
            check_text_to_score(len(token_ids), self._context_length)
            return score_all(self._models(model_id), token_ids)

        return self._answer(model_id, len(token_ids), scores)

    def prefetch(
        self, model_id: str, token_ids: tuple[int, ...], *, affinity_key: str = ""
    ) -> None:
        """Ignored, since the answer is as quick without it."""

    def statistics(self) -> EngineStatistics:
        return self._statistics.snapshot(num_logits_misses=self._num_requests)

    def _answer(
        self, model_id: str, num_tokens: int, compute: Callable[[], Result]
    ) -> "Future[Result]":
        """An exception fails this request only."""
        self._num_requests += 1
        try:
            result = compute()
        except TokenWheelError as error:
            return failed(error)
        except Exception:
            logger.exception("a forward pass of %s failed", model_id)
            return failed(EngineFailedError())
        self._statistics.count_prefix(0)
        self._statistics.count_pass(1, num_tokens)
        return answered(result)


def score_all(model: CountedModel, token_ids: tuple[int, ...]) -> Scores:
    """The scores of all tokens but the first, a few positions at a time."""
    parts = []
    for start in range(0, len(token_ids) - 1, ROWS_AT_ONCE):
        targets = token_ids[1:][start : start + ROWS_AT_ONCE]
        ends = range(start + 1, start + 1 + len(targets))
        rows = np.stack([model.next_logits(token_ids[:end]) for end in ends])
        parts.append(Scores.of_rows(rows, targets))
    return Scores.joined(parts)
