"""What is asked of an engine. Not an HTTP request: the nouns of inference only."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

import numpy as np
import numpy.typing as npt

from wheel.engine.statistics import EngineStatistics

Logits = npt.NDArray[np.float32]
ContextKey = tuple[str, tuple[int, ...]]  # a model's id and token ids


class Engine(Protocol):
    """Answers one question: given these token ids, what are the logits of the next one?

    A request carries all it needs, so asking twice, or asking another engine, is always safe.
    """

    def start(self) -> None:
        """Start the engine's thread, if it is not running. Call after a fork, never at import."""

    def stop(self) -> None:
        """Finish what is under way, refuse what is not, and end the thread."""

    def next_logits(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Logits]":
        """A float32 row of shape (vocabulary_size,), not to be written to.

        token_ids: at least one, at most the model's context length.
        The future raises `EngineBusyError` where the queue is full or the deadline has passed,
        `EngineFailedError` where the forward pass raised, and `ModelUnavailableError`.
        """

    def prefetch(self, model_id: str, token_ids: tuple[int, ...]) -> None:
        """A hint that these logits will be asked for soon. May be ignored."""

    def is_alive(self) -> bool:
        """Whether requests are being worked on."""

    def statistics(self) -> EngineStatistics:
        """What it has done since it was made; a copy."""


@dataclass(eq=False)
class InferenceRequest:
    """One context on its way through an engine, asked for by a person or by look-ahead.

    Everybody who asks for the same context while it is under way gets a future of the same
    request. `deadline` is on the engine's clock. A guess is look-ahead for a context that nobody
    has made yet, so its keys and values are not worth keeping.
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
        future: Future[Logits] = Future()
        self.futures.append(future)
        return future

    def is_wanted(self) -> bool:
        """Whether anybody still waits for it, or nobody ever did."""
        return self.is_look_ahead or any(not future.cancelled() for future in self.futures)

    def answer(self, row: Logits) -> None:
        for future in self._running():
            future.set_result(row)

    def fail(self, error: Exception) -> None:
        for future in self._running():
            future.set_exception(error)

    def _running(self) -> "list[Future[Logits]]":
        return [future for future in self.futures if future.set_running_or_notify_cancel()]
