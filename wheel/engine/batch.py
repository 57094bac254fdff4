"""The input of one forward pass: the new tokens of several sequences, packed end to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wheel.engine.arrays import Logits
from wheel.engine.scores import Scores

if TYPE_CHECKING:
    from wheel.engine.kv_buffer import KVBuffer


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next tokens of one sequence.

    start      how many tokens of the sequence are in `buffer` already
    is_last    whether this chunk completes the sequence, so that its logits are needed
    """

    buffer: "KVBuffer"
    token_ids: tuple[int, ...]
    start: int
    is_last: bool

    @property
    def num_tokens(self) -> int:
        return len(self.token_ids)

    @property
    def stop(self) -> int:
        return self.start + self.num_tokens


@dataclass(frozen=True, slots=True)
class Batch:
    """One chunk of each sequence in a forward pass."""

    chunks: list[Chunk]

    @property
    def num_tokens(self) -> int:
        return sum(chunk.num_tokens for chunk in self.chunks)

    def token_ids(self) -> list[int]:
        return [token_id for chunk in self.chunks for token_id in chunk.token_ids]

    def positions(self) -> list[int]:
        """The position of each new token in its own sequence."""
        return [p for chunk in self.chunks for p in range(chunk.start, chunk.stop)]

    def last_rows(self) -> list[int]:
        """The indices of the complete sequences' last tokens in the packed row."""
        rows, end = [], 0
        for chunk in self.chunks:
            end += chunk.num_tokens
            if chunk.is_last:
                rows.append(end - 1)
        return rows


class NonFiniteLogitsError(Exception):
    """The model computed NaN or an infinity, as damaged weights do."""


class Runner(Protocol):
    """A model as engines use it. `name` is that of the library that computes it, `context_length`
    its longest sequence in tokens."""

    name: str
    context_length: int

    def allocate(self, num_tokens: int, *, num_before: int = 0) -> "KVBuffer":
        """An empty buffer with room for `num_tokens`, and rows before them."""

    def score(self, chunk: Chunk, targets: Sequence[int]) -> Scores:
        """Write the chunk's keys and values into its buffer, and return the scores of `targets`:
        the token that follows each of the chunk's tokens."""

    def run(self, batch: Batch) -> Logits:
        """Write the batch's keys and values into its buffers, and return the logits after each
        complete sequence: float32 (complete sequences, vocabulary_size)."""
