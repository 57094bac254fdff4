"""What is asked of an engine. Not an HTTP request: the nouns of inference only."""

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float32]


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

    def is_alive(self) -> bool:
        """Whether requests are being worked on."""


@dataclass(eq=False)
class InferenceRequest:
    """One question on its way through an engine. `deadline` is on the monotonic clock."""

    model_id: str
    token_ids: tuple[int, ...]
    deadline: float
    future: "Future[Logits]" = field(default_factory=Future)

    def is_late(self) -> bool:
        return time.monotonic() > self.deadline
