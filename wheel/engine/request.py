"""The interface of an engine, and its requests (not HTTP requests)."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

import numpy as np
import numpy.typing as npt

from wheel.engine.statistics import EngineStatistics
from wheel.errors import ContextFullError

Logits = npt.NDArray[np.float32]
ContextKey = tuple[str, tuple[int, ...]]  # a model's id and token ids


class Engine(Protocol):
    """Computes the logits of the next token after given token ids.

    A request contains its whole input, so it can be repeated safely, on this or another engine.
    """

    def start(self) -> None:
        """Start the engine's thread, if it is not running. Call after a fork, never at import."""

    def stop(self) -> None:
        """Finish the forward passes under way, refuse the requests that wait, end the thread.

        A request that comes after that starts the thread again.
        """

    def next_logits(
        self, model_id: str, token_ids: tuple[int, ...], *, affinity_key: str = ""
    ) -> "Future[Logits]":
        """A float32 row of shape (vocabulary_size,), not to be written to.

        token_ids: at least one, at most the model's context length.
        affinity_key: requests with the same key profit from the same prefix cache, if an engine has
        several; "" for none. It changes no answer.
        The future raises `EngineBusyError` if the queue is full, the deadline has passed or the
        engine is stopping, `EngineFailedError` if the forward pass raised, `ContextFullError` if
        there are too many token ids, and `ModelUnavailableError`.
        """

    def prefetch(
        self, model_id: str, token_ids: tuple[int, ...], *, affinity_key: str = ""
    ) -> None:
        """A hint that these logits will be requested soon. An engine may ignore it."""

    def is_alive(self) -> bool:
        """Whether the engine's thread is running."""

    def statistics(self) -> EngineStatistics:
        """A copy of the engine's counters since it was made."""


@dataclass(eq=False)
class InferenceRequest:
    """One context to compute, for clients or for look-ahead.

    All clients that request the same context while it is under way get futures of the same
    request. `deadline` is in seconds on the engine's clock. A speculative request computes a
    context that no session has reached yet.
    """

    model_id: str
    token_ids: tuple[int, ...]
    deadline: float = inf
    is_look_ahead: bool = False
    is_speculative: bool = False
    futures: "list[Future[Logits]]" = field(default_factory=list)

    @property
    def key(self) -> ContextKey:
        return self.model_id, self.token_ids

    def join(self) -> "Future[Logits]":
        """One more future that gets this request's answer."""
        future: Future[Logits] = Future()
        self.futures.append(future)
        return future

    def is_wanted(self) -> bool:
        """Whether a client still waits for it, or it is for look-ahead."""
        return self.is_look_ahead or any(not future.cancelled() for future in self.futures)

    def is_obsolete(self, now: float) -> bool:
        """Whether its deadline has passed, or all its clients have cancelled it."""
        return now > self.deadline or not self.is_wanted()

    def answer(self, row: Logits) -> None:
        for future in self._running():
            future.set_result(row)

    def fail(self, error: Exception) -> None:
        for future in self._running():
            future.set_exception(error)

    def _running(self) -> "list[Future[Logits]]":
        return [future for future in self.futures if future.set_running_or_notify_cancel()]


def check_context_length(num_tokens: int, context_length: int) -> None:
    """Raise `ContextFullError` if there are more tokens than the model can read."""
    if num_tokens > context_length:
        raise ContextFullError(
            f"The text has {num_tokens} tokens; the model can read at most {context_length}."
        )


def answered(row: Logits) -> "Future[Logits]":
    """A future that has its result."""
    future: Future[Logits] = Future()
    future.set_result(row)
    return future


def failed(error: Exception) -> "Future[Logits]":
    """A future that raises this error."""
    future: Future[Logits] = Future()
    future.set_exception(error)
    return future
