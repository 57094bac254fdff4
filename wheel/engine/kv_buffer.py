"""The keys and values of one sequence, in preallocated memory.

Appending writes rows after the last one. Rows that are written never change, so a copy of the
first rows is the buffer of another sequence.
"""

from dataclasses import dataclass
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class KVShape:
    """The size of one token's keys and values."""

    num_layers: int
    num_kv_heads: int
    head_dim: int

    @property
    def bytes_per_token(self) -> int:
        """Float32, keys and values of all layers: 72 KiB for GPT-2."""
        return self.num_layers * 2 * self.num_kv_heads * self.head_dim * 4


class KVBuffer(Protocol):
    """token_ids   the tokens whose keys and values are written; the rows after them are free
    num_before  rows before theirs, for tokens that the sequence's own list does not have
    capacity    how many tokens there is room for
    """

    token_ids: tuple[int, ...]
    num_before: int

    @property
    def num_tokens(self) -> int: ...

    @property
    def capacity(self) -> int: ...

    @property
    def num_bytes(self) -> int: ...

    def reserve(self, num_tokens: int) -> None:
        """Make room for this many tokens in all. Written rows are kept, by a copy if necessary."""

    def copy_prefix(self, num_tokens: int, *, capacity: int) -> Self:
        """A new buffer that starts with the first `num_tokens` of this one."""
