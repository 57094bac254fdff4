"""A common vocabulary of two models, whose tokens have different ids (decision 0046).

Tokens with the same bytes are one entry; a control token is never the same as plain text. A token
that only one of the models has is an entry too, with probability 0 in the other one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from wheel.domain.distribution import FloatArray, IntArray
from wheel.domain.token import Token


@dataclass(frozen=True, eq=False)
class CommonVocabulary:
    """first_entries, second_entries: (vocabulary_size,) int: the entry of each token id. Several
    tokens may share an entry. For models with one vocabulary, the entries are the token ids."""

    tokens: Sequence[Token]  # of each entry, from the first model that has it
    first_entries: IntArray
    second_entries: IntArray

    @classmethod
    def same(cls, tokens: Sequence[Token]) -> Self:
        token_ids = np.arange(len(tokens))
        return cls(tokens, token_ids, token_ids)

    @classmethod
    def of(cls, first: Sequence[Token], second: Sequence[Token]) -> Self:
        entry_by_key: dict[tuple[bytes, bool], int] = {}
        tokens: list[Token] = []

        def entries_of(vocabulary: Iterable[Token]) -> IntArray:
            entries = []
            for token in vocabulary:
                key = (token.token_bytes, token.is_special)
                if key not in entry_by_key:
                    entry_by_key[key] = len(tokens)
                    tokens.append(token)
                entries.append(entry_by_key[key])
            return np.array(entries, dtype=np.intp)

        return cls(tokens, entries_of(first), entries_of(second))

    def first_probs(self, probs: FloatArray) -> FloatArray:
        """(num_entries,) of probabilities by the first model's token ids."""
        return self._by_entry(self.first_entries, probs)

    def second_probs(self, probs: FloatArray) -> FloatArray:
        return self._by_entry(self.second_entries, probs)

    @cached_property
    def is_in_both(self) -> FloatArray:
        """(num_entries,) 1.0 for an entry that both models have, else 0.0."""
        in_first, in_second = (np.zeros(len(self.tokens)) for _ in range(2))
        in_first[self.first_entries] = 1.0
        in_second[self.second_entries] = 1.0
        return in_first * in_second

    def _by_entry(self, entries: IntArray, probs: FloatArray) -> FloatArray:
        sums: FloatArray = np.zeros(len(self.tokens))
        np.add.at(sums, entries, probs)
        return sums
