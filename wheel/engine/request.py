"""The interface of an engine, and its requests (not HTTP requests)."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from math import inf
from typing import Any, Protocol, TypeVar

from wheel.engine.arrays import Logits
from wheel.engine.scores import Scores
from wheel.engine.statistics import EngineStatistics
from wheel.errors import ContextFullError
from wheel.sentences import Sentence

ContextKey = tuple[str, tuple[int, ...]]  # a model's id and token ids
Result = TypeVar("Result")


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

    def score(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Scores]":
        """The scores of each of the token ids but the first, given all before it.

        token_ids: at least two, at most one more than the model's context length. The future raises
        as that of `next_logits` does. Long texts are computed in chunks, between other requests.
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
    futures: "list[Future[Any]]" = field(default_factory=list)

    @property
    def key(self) -> ContextKey:
        return self.model_id, self.token_ids

    def join(self) -> "Future[Any]":
        """One more future that gets this request's answer."""
        future: Future[Any] = Future()
        self.futures.append(future)
        return future

    def is_wanted(self) -> bool:
        """Whether a client still waits for it, or it is for look-ahead."""
        return self.is_look_ahead or any(not future.cancelled() for future in self.futures)

    def is_obsolete(self, now: float) -> bool:
        """Whether its deadline has passed, or all its clients have cancelled it."""
        return now > self.deadline or not self.is_wanted()

    def answer(self, result: Any) -> None:
        for future in self._running():
            future.set_result(result)

    def fail(self, error: Exception) -> None:
        for future in self._running():
            future.set_exception(error)

    def _running(self) -> "list[Future[Any]]":
        return [future for future in self.futures if future.set_running_or_notify_cancel()]


@dataclass(eq=False)
class ScoringRequest(InferenceRequest):
    """A text to score. `parts` are the scores of its chunks so far, and `num_read` the tokens that
    the model has read for them."""

    parts: list[Scores] = field(default_factory=list)
    num_read: int = 0

    @property
    def key(self) -> ContextKey:
        """Another one than that of a request for logits after the same tokens."""
        return f"scores of {self.model_id}", self.token_ids

    @property
    def is_complete(self) -> bool:
        return self.num_read == len(self.token_ids) - 1

    def next_chunk(self, max_tokens: int) -> tuple[int, int]:
        """Start and stop of the next tokens that the model has to read: all but the last."""
        return self.num_read, min(self.num_read + max_tokens, len(self.token_ids) - 1)

    def add(self, scores: Scores) -> None:
        self.parts.append(scores)
        self.num_read += len(scores)


def check_context_length(num_tokens: int, context_length: int) -> None:
    """Raise `ContextFullError` if there are more tokens than the model can read."""
    if num_tokens > context_length:
        raise ContextFullError(
            Sentence(
                "The text has %(number)s tokens; the model can read at most %(maximum)s.",
                number=num_tokens,
                maximum=context_length,
            )
        )


def check_text_to_score(num_tokens: int, context_length: int) -> None:
    """Raise `ContextFullError` as `check_context_length` does. The last token of a text is not
    read, so a text may have one token more than the context window."""
    assert num_tokens > 1
    check_context_length(num_tokens - 1, context_length)


def answered(result: Result) -> "Future[Result]":
    """A future that has its result."""
    future: Future[Result] = Future()
    future.set_result(result)
    return future


def failed(error: Exception) -> "Future[Any]":
    """A future that raises this error."""
    future: Future[Any] = Future()
    future.set_exception(error)
    return future
