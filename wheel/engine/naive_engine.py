"""Naive engine: one full forward pass per request, one request at a time, no caches.

The reference for the batching engine, in tests and benchmarks.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from wheel.engine.arrays import Logits
from wheel.engine.request import (
    InferenceRequest,
    ScoringRequest,
    check_context_length,
    check_text_to_score,
)
from wheel.engine.scores import Scores
from wheel.engine.statistics import EngineStatistics, StatisticsRecorder
from wheel.errors import EngineBusyError, EngineFailedError, TokenWheelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

logger = logging.getLogger(__name__)

ForwardAll = Callable[["PreTrainedModel", tuple[int, ...]], Scores]
Forward = Callable[["PreTrainedModel", tuple[int, ...]], Logits]


def full_forward(model: "PreTrainedModel", token_ids: tuple[int, ...]) -> Logits:
    """Logits after the last of `token_ids`, float32 (vocabulary_size,)."""
    import torch  # noqa: PLC0415 - takes seconds to import

    with torch.inference_mode():
        input_ids = torch.tensor([token_ids])  # (1, sequence)
        logits = model(input_ids=input_ids, use_cache=False, logits_to_keep=1).logits
    row: Logits = logits[0, -1].numpy()  # (1, 1, vocabulary_size) -> (vocabulary_size,)
    return row


def score_all(model: "PreTrainedModel", token_ids: tuple[int, ...]) -> Scores:
    """The scores of all tokens but the first, from the logits of one forward pass."""
    import torch  # noqa: PLC0415

    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([token_ids[:-1]]), use_cache=False).logits
    return Scores.of_rows(logits[0].numpy(), token_ids[1:])


def run_first_pass(model: "PreTrainedModel") -> None:
    """Imports the modules that `full_forward` needs."""
    full_forward(model, (0,))


class NaiveEngine:
    """`weights` returns the model of an id, and loads it if necessary.

    max_waiting  requests that may wait; one more is refused
    timeout_s    how long a request may wait before it is refused
    """

    def __init__(
        self,
        weights: Callable[[str], "PreTrainedModel"],
        *,
        max_waiting: int = 256,
        timeout_s: float = 30.0,
        forward: Forward = full_forward,
        forward_all: ForwardAll = score_all,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._weights = weights
        self._max_waiting = max_waiting
        self._timeout_s = timeout_s
        self._forward = forward
        self._forward_all = forward_all
        self._clock = clock
        self._statistics = StatisticsRecorder()
        self._waiting: deque[InferenceRequest] = deque()
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._num_requests = 0
        self._changed = threading.Condition()  # guards the four attributes above

    def start(self) -> None:
        with self._changed:
            self._ensure_thread()

    def stop(self) -> None:
        with self._changed:
            thread, self._is_stopping = self._thread, True
            refused, self._waiting = self._waiting, deque()
            self._changed.notify()
        for request in refused:
            request.fail(EngineBusyError())
        if thread is not None:
            thread.join()

    def is_alive(self) -> bool:
        thread = self._thread
        return thread is not None and thread.is_alive()

    def next_logits(
        self,
        model_id: str,
        token_ids: tuple[int, ...],
        *,
        affinity_key: str = "",
    ) -> "Future[Logits]":
        return self._queue(InferenceRequest(model_id, token_ids, self._clock() + self._timeout_s))

    def _queue(self, request: InferenceRequest) -> "Future[Any]":
        future = request.join()
        with self._changed:
            self._num_requests += 1
            self._ensure_thread()
            if self._is_stopping or len(self._waiting) >= self._max_waiting:
                request.fail(EngineBusyError())
            else:
                self._waiting.append(request)
                self._changed.notify()
        return future

    def score(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Scores]":
        request = ScoringRequest(model_id, token_ids, self._clock() + self._timeout_s)
        return self._queue(request)

    def statistics(self) -> EngineStatistics:
        with self._changed:
            return self._statistics.snapshot(
                num_waiting=len(self._waiting), num_logits_misses=self._num_requests
            )

    def prefetch(
        self,
        model_id: str,
        token_ids: tuple[int, ...],
        *,
        affinity_key: str = "",
    ) -> None:
        """Ignored, since there is no cache for the result."""

    def _ensure_thread(self) -> None:
        if not self.is_alive():
            self._is_stopping = False
            self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (request := self._next_request()) is not None:
            if request.is_wanted():
                self._compute(request)

    def _next_request(self) -> InferenceRequest | None:
        """The request that has waited longest; None if the thread has to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_stopping)
            if self._is_stopping:
                self._thread = None
                return None
            return self._waiting.popleft()

    def _compute(self, request: InferenceRequest) -> None:
        """Answer the request. An exception fails this request only; the thread continues."""
        if self._clock() > request.deadline:
            request.fail(EngineBusyError())
            return
        num_tokens = len(request.token_ids)
        try:
            model = self._weights(request.model_id)
            result = self._result(model, request)
        except TokenWheelError as error:
            request.fail(error)
        except Exception:
            logger.exception("a forward pass of %s failed", request.model_id)
            request.fail(EngineFailedError())
        else:
            self._statistics.count_prefix(0)
            self._statistics.count_pass(1, num_tokens)
            request.answer(result)

    def _result(self, model: "PreTrainedModel", request: InferenceRequest) -> Logits | Scores:
        context_length = model.config.max_position_embeddings
        if isinstance(request, ScoringRequest):
            check_text_to_score(len(request.token_ids), context_length)
            return self._forward_all(model, request.token_ids)
        check_context_length(len(request.token_ids), context_length)
        row = self._forward(model, request.token_ids)
        row.flags.writeable = False
        return row
