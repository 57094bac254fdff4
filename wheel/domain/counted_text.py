"""The text that a session's counting model counts, as a part of the session."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from wheel.domain.counting_model import CountingModel
from wheel.domain.distribution import IntArray

STORED_TYPE = np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class CountedText:
    """order            2 for bigrams, 3 for trigrams
    tokenizer_model_id  the model whose tokenizer made the token ids
    vocabulary_size     of that tokenizer
    packed              the token ids: little-endian 32-bit integers, compressed by zlib, in Base64
    text_key            the name of a text that ships with the project; None for a user's own text
    """

    order: int
    tokenizer_model_id: str
    vocabulary_size: int
    packed: str
    text_key: str | None = None

    @classmethod
    def from_token_ids(
        cls,
        token_ids: Sequence[int],
        *,
        order: int,
        tokenizer_model_id: str,
        vocabulary_size: int,
        text_key: str | None = None,
    ) -> Self:
        packed = b64encode(zlib.compress(np.array(token_ids, dtype=STORED_TYPE).tobytes()))
        return cls(order, tokenizer_model_id, vocabulary_size, packed.decode(), text_key)

    @property
    def token_ids(self) -> IntArray:
        """(num_tokens,) int"""
        return np.frombuffer(zlib.decompress(b64decode(self.packed)), dtype=STORED_TYPE)

    @property
    def model_id(self) -> str:
        """The id of the session's model, which no model of a catalog has."""
        return f"counting-{self.order}"

    def model(self) -> CountingModel:
        return CountingModel(self.token_ids, order=self.order, vocabulary_size=self.vocabulary_size)
