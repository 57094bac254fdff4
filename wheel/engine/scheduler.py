"""Which requests run in the next forward pass.

People before look-ahead, models in turn, and no step longer than one chunk of prefill: a click
that needs a single decode step never waits for somebody's long prompt to be read to its end.
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
class Step:
    """One forward pass: some sequences of one model, and a chunk of each."""

    model_id: str
    sequences: list[Sequence]
    batch: Batch


Admit = Callable[[InferenceRequest], Sequence]


class Scheduler:
    """admit          gives a request its buffer
    max_batch_size  sequences in one step
    chunk_tokens    tokens of prefill in one step
    """

    def __init__(self, admit: Admit, *, max_batch_size: int = 32, chunk_tokens: int = 128) -> None:
        self._admit = admit
        self._max_batch_size = max_batch_size
        self._chunk_tokens = chunk_tokens
        self._waiting: dict[str, deque[InferenceRequest]] = {}
        self._running: dict[str, list[Sequence]] = {}
        self._turns: deque[str] = deque()

    @property
    def num_waiting(self) -> int:
        return sum(len(waiting) for waiting in self._waiting.values())

    def add(self, request: InferenceRequest) -> None:
        if request.model_id not in self._waiting:
            self._waiting[request.model_id] = deque()
            self._running[request.model_id] = []
            self._turns.append(request.model_id)
        self._waiting[request.model_id].append(request)

    def has_work(self) -> bool:
        return any(self._waiting.values()) or any(self._running.values())

    def requests(self) -> list[InferenceRequest]:
        """All that are waiting or running."""
        running = [s.request for sequences in self._running.values() for s in sequences]
        return running + [request for waiting in self._waiting.values() for request in waiting]

    def take_waiting(self, is_over: Callable[[InferenceRequest], bool]) -> list[InferenceRequest]:
        """Remove and return the waiting requests that nobody should work on any more."""
        over = [r for waiting in self._waiting.values() for r in waiting if is_over(r)]
        for request in over:
            self._waiting[request.model_id].remove(request)
        return over

    def schedule(self) -> Step:
        """The next step; there must be work. The model whose turn it was goes to the end."""
        model_id = next(m for m in self._turns if self._waiting[m] or self._running[m])
        self._turns.remove(model_id)
        self._turns.append(model_id)
        waiting, running = self._waiting[model_id], self._running[model_id]
        while waiting and len(running) < self._max_batch_size:
            running.append(self._admit(waiting.popleft()))
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
        return Step(model_id, sequences, Batch(chunks))

    def advance(self, step: Step) -> list[Sequence]:
        """Book a step that was run; returns the sequences that are now complete, in its order."""
        for sequence, chunk in zip(step.sequences, step.batch.chunks, strict=True):
            sequence.num_computed = chunk.stop
        done = [sequence for sequence in step.sequences if sequence.is_done]
        self.drop(done)
        return done

    def clear(self) -> list[InferenceRequest]:
        """Forget everything; returns what was waiting or running."""
        requests = self.requests()
        for model_id in self._turns:
            self._waiting[model_id].clear()
            self._running[model_id].clear()
        return requests

    def drop(self, sequences: list[Sequence]) -> None:
        for sequence in sequences:
            self._running[sequence.request.model_id].remove(sequence)
