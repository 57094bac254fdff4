"""Scheduler: selects the sequences of the next forward pass.

Models take turns, and a forward pass computes a limited number of prefill tokens. So a request that
needs a single decode step does not wait until another request's long prompt is complete.

Within a model, the request with the shortest remaining work comes first, which keeps the median
wait short; but each forward pass that a request has waited counts as `TOKENS_PER_PASS` less of
work. So a request of n new tokens is overtaken only by requests that arrive within the next
n / TOKENS_PER_PASS passes (decision 0055).
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
    """A request that is being computed: `num_computed` of its tokens are in its buffer.

    arrival  the number of forward passes before the request came
    """

    request: InferenceRequest
    buffer: "KVBuffer"
    num_computed: int
    arrival: int = 0

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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that has no buffer yet. num_new: of tokens to compute, when it came."""

    request: InferenceRequest
    num_new: int
    arrival: int


Admit = Callable[[InferenceRequest], Sequence]
CountNew = Callable[[InferenceRequest], int]

TOKENS_PER_PASS = 32


class Scheduler:
    """Not thread-safe: only the engine's thread uses it.

    admit           leases the buffer of a request
    count_new       how many tokens of a request have to be computed
    max_batch_size  sequences in one forward pass
    chunk_tokens    tokens of prefill in one forward pass
    """

    def __init__(
        self,
        admit: Admit,
        count_new: CountNew,
        *,
        max_batch_size: int = 32,
        chunk_tokens: int = 128,
    ) -> None:
        self._admit = admit
        self._count_new = count_new
        self._max_batch_size = max_batch_size
        self._chunk_tokens = chunk_tokens
        self._waiting: dict[str, list[Waiting]] = {}
        self._running: dict[str, list[Sequence]] = {}
        self._turns: deque[str] = deque()
        self._num_passes = 0

    def add(self, request: InferenceRequest) -> None:
        if request.model_id not in self._waiting:
            self._waiting[request.model_id] = []
            self._running[request.model_id] = []
            self._turns.append(request.model_id)
        waiting = Waiting(request, self._count_new(request), self._num_passes)
        self._waiting[request.model_id].append(waiting)

    def has_work(self) -> bool:
        return any(self._waiting.values()) or any(self._running.values())

    def waiting_requests(self) -> list[InferenceRequest]:
        return [one.request for waiting in self._waiting.values() for one in waiting]

    def remove_waiting(self, request: InferenceRequest) -> None:
        waiting = self._waiting[request.model_id]
        waiting.remove(next(one for one in waiting if one.request is request))

    def schedule(self) -> ForwardPass:
        """The next forward pass; there must be work. Its model goes to the end of the turns.

        Decode steps need a place in the batch only; prefill shares a budget of `chunk_tokens`. A
        request gets its buffer when its first token is to be computed, not before: until then,
        another one may have computed the beginning of its text.
        """
        model_id = next(m for m in self._turns if self._waiting[m] or self._running[m])
        self._turns.remove(model_id)
        self._turns.append(model_id)
        self._num_passes += 1
        return ForwardPass(model_id, *self._next_chunks(model_id))

    def _next_chunks(self, model_id: str) -> tuple[list[Sequence], Batch]:
        sequences: list[Sequence] = []
        chunks: list[Chunk] = []
        budget = self._chunk_tokens
        candidates: list[Sequence | Waiting] = [*self._running[model_id], *self._waiting[model_id]]
        for candidate in sorted(candidates, key=urgency):
            if len(sequences) == self._max_batch_size:
                break
            if not self._has_place(candidate, budget):
                continue
            sequence = self._sequence_of(candidate)
            num_tokens = min(sequence.num_new, 1 if sequence.num_new == 1 else budget)
            if num_tokens == 0:
                continue  # more to compute than when it came: its prefix has been evicted
            if sequence.num_new > 1:
                budget -= num_tokens
            sequences.append(sequence)
            chunks.append(sequence.next_chunk(num_tokens))
        return sequences, Batch(chunks)

    def _has_place(self, candidate: Sequence | Waiting, budget: int) -> bool:
        """Whether the pass has tokens left for it, and a new one may have a buffer."""
        has_buffer = isinstance(candidate, Sequence)
        num_buffers = len(self._running[candidate.request.model_id])
        return (has_buffer or num_buffers < self._max_batch_size) and (
            candidate.num_new == 1 or budget > 0
        )

    def _sequence_of(self, candidate: Sequence | Waiting) -> Sequence:
        if isinstance(candidate, Sequence):
            return candidate
        model_id = candidate.request.model_id
        self._waiting[model_id].remove(candidate)
        sequence = self._admit(candidate.request)
        sequence.arrival = candidate.arrival
        self._running[model_id].append(sequence)
        return sequence

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


def urgency(candidate: Sequence | Waiting) -> int:
    """The smallest comes first. All grow equally old, so the order of two never turns round while
    they wait."""
    return candidate.num_new + TOKENS_PER_PASS * candidate.arrival
