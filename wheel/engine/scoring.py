"""Scoring of texts in the engine's thread: one chunk in a forward pass of its own at a time."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheel.engine.batch import Chunk, Runner
from wheel.engine.request import ScoringRequest

if TYPE_CHECKING:
    from wheel.engine.kv_buffer import KVBuffer


@dataclass(eq=False)
class TextUnderWay:
    """A text that is being scored. Its buffer is its own: a cached prefix would have no scores."""

    request: ScoringRequest
    buffer: "KVBuffer"


class ScoringQueue:
    """Texts in the order of their arrival. Not thread-safe: only the engine's thread uses it.

    runners        has the runner of each model that there are requests for
    mark_admitted  called with a request when its first chunk is about to be computed
    chunk_tokens   in one forward pass, so that other requests wait for one chunk at most
    """

    def __init__(
        self,
        runners: Mapping[str, Runner],
        mark_admitted: Callable[[ScoringRequest], None],
        *,
        chunk_tokens: int,
    ) -> None:
        self._runners = runners
        self._mark_admitted = mark_admitted
        self._chunk_tokens = chunk_tokens
        self._waiting: deque[ScoringRequest] = deque()
        self._current: TextUnderWay | None = None

    def add(self, request: ScoringRequest) -> None:
        self._waiting.append(request)

    def has_work(self) -> bool:
        return self._current is not None or bool(self._waiting)

    def waiting_requests(self) -> list[ScoringRequest]:
        return list(self._waiting)

    def remove_waiting(self, request: ScoringRequest) -> None:
        self._waiting.remove(request)

    def current_request(self) -> ScoringRequest:
        """The text whose next chunk `run_chunk` computes; there must be work."""
        if self._current is None:
            request = self._waiting.popleft()
            self._mark_admitted(request)
            runner = self._runners[request.model_id]
            self._current = TextUnderWay(request, runner.allocate(len(request.token_ids)))
        return self._current.request

    def run_chunk(self) -> None:
        """Compute the next chunk of the current text. Raises what the forward pass raises."""
        request = self.current_request()
        assert self._current is not None
        buffer = self._current.buffer
        start, stop = request.next_chunk(self._chunk_tokens)
        chunk = Chunk(buffer, request.token_ids[start:stop], start, is_last=False)
        targets = request.token_ids[start + 1 : stop + 1]
        request.add(self._runners[request.model_id].score(chunk, targets))
        if request.is_complete:
            self._current = None

    def drop_current(self) -> None:
        """Of a text that has failed, or that no client waits for."""
        self._current = None

    def clear(self) -> None:
        self._waiting.clear()
        self._current = None
