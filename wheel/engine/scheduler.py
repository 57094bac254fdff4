"""Scheduler: selects the sequences of the next forward pass.

Models take turns, and a forward pass computes a limited number of prefill tokens. So a request that
needs a single decode step does not wait until another request's long prompt is complete.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheel.engine.batch import Batch, Chunk
from wheel.engine.request import InferenceRequest

if TYPE_CHECKING:
    from wheel.engine.kv_buffer import KVBuffer


@dataclass(eq=False)
class Sequence:
    """A request that is being computed: `num_computed` of its tokens are in its buffer."""

    request: InferenceRequest
    buffer: "KVBuffer"
    num_computed: int

    @property
    def num_new(self) -> int:
        return len(self.request.token_ids) - self.num_computed

    @property
    def is_done(self) -> bool:
        return self.num_new == 0

    def next_chunk(self, num_tokens: int) -> Chunk:
        stop = self.num_computed + num_tokens
        return Chunk(
            buffer=self.buffer,
            token_ids=self.request.token_ids[self.num_computed : stop],
            start=self.num_computed,
            is_last=num_tokens == self.num_new,
        )


@dataclass(frozen=True, slots=True)
class ForwardPass:
    """Some sequences of one model, and the batch with a chunk of each."""

    model_id: str
    sequences: list[Sequence]
    batch: Batch


Admit = Callable[[InferenceRequest], Sequence]


class Scheduler:
    """Not thread-safe: only the engine's thread uses it.

    admit           leases the buffer of a request
    max_batch_size  sequences in one forward pass
    chunk_tokens    tokens of prefill in one forward pass
    """

    def __init__(self, admit: Admit, *, max_batch_size: int = 32, chunk_tokens: int = 128) -> None:
        self._admit = admit
        self._max_batch_size = max_batch_size
        self._chunk_tokens = chunk_tokens
        self._waiting: dict[str, deque[InferenceRequest]] = {}
        self._running: dict[str, list[Sequence]] = {}
        self._turns: deque[str] = deque()

    def add(self, request: InferenceRequest) -> None:
        if request.model_id not in self._waiting:
            self._waiting[request.model_id] = deque()
            self._running[request.model_id] = []
            self._turns.append(request.model_id)
        self._waiting[request.model_id].append(request)

    def has_work(self) -> bool:
        return any(self._waiting.values()) or any(self._running.values())

    def waiting_requests(self) -> list[InferenceRequest]:
        return [request for waiting in self._waiting.values() for request in waiting]

    def remove_waiting(self, request: InferenceRequest) -> None:
        self._waiting[request.model_id].remove(request)

    def schedule(self) -> ForwardPass:
        """The next forward pass; there must be work. Its model goes to the end of the turns.

        All decode steps are included; prefill shares a budget of `chunk_tokens`.
        """
        model_id = next(m for m in self._turns if self._waiting[m] or self._running[m])
        self._turns.remove(model_id)
        self._turns.append(model_id)
        waiting, running = self._waiting[model_id], self._running[model_id]
        while waiting and len(running) < self._max_batch_size:
            running.append(self._admit(waiting.popleft()))
        return ForwardPass(model_id, *self._next_chunks(running))

    def _next_chunks(self, running: list[Sequence]) -> tuple[list[Sequence], Batch]:
        sequences, chunks = [], []
        budget = self._chunk_tokens
        for sequence in sorted(running, key=lambda sequence: sequence.num_new > 1):
            num_tokens = min(sequence.num_new, 1 if sequence.num_new == 1 else budget)
            if num_tokens == 0:
                break
            if sequence.num_new > 1:
                budget -= num_tokens
            sequences.append(sequence)
            chunks.append(sequence.next_chunk(num_tokens))
        return sequences, Batch(chunks)

    def advance(self, forward_pass: ForwardPass) -> list[Sequence]:
        """Record that a forward pass was run; returns its complete sequences, in its order."""
        chunks = forward_pass.batch.chunks
        for sequence, chunk in zip(forward_pass.sequences, chunks, strict=True):
            sequence.num_computed = chunk.stop
        done = [sequence for sequence in forward_pass.sequences if sequence.is_done]
        self.drop(done)
        return done

    def drop(self, sequences: list[Sequence]) -> None:
        """Remove running sequences."""
        for sequence in sequences:
            self._running[sequence.request.model_id].remove(sequence)

    def clear(self) -> None:
        """Remove everything that is waiting or running."""
        for model_id in self._turns:
            self._waiting[model_id].clear()
            self._running[model_id].clear()
