"""A begin-of-sequence token (BOS) before every sequence, for models that were trained with one.

Engines and sessions do not know it: their token ids are those of the text.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from wheel.engine.arrays import Logits
from wheel.engine.batch import Batch, Chunk, Runner
from wheel.engine.kv_buffer import KVBuffer
from wheel.engine.scores import Scores


class BosRunner:
    """Runs each sequence behind the token `bos_id`, whose keys and values are in the row of the
    buffer before the sequence's own."""

    def __init__(self, runner: Runner, bos_id: int) -> None:
        self._runner = runner
        self._bos_id = bos_id
        self.name = runner.name
        self.context_length = runner.context_length - 1

    def allocate(self, num_tokens: int, *, num_before: int = 0) -> KVBuffer:
        return self._runner.allocate(num_tokens, num_before=num_before + 1)

    def score(self, chunk: Chunk, targets: Sequence[int]) -> Scores:
        if chunk.start > 0:
            return self._runner.score(self._moved(chunk), targets)
        scores = self._runner.score(self._moved(chunk), [chunk.token_ids[0], *targets])
        columns: list[Any] = [getattr(scores, field.name)[1:] for field in fields(scores)]
        return Scores(*columns)  # without that of the first token, as for all models

    def run(self, batch: Batch) -> Logits:
        return self._runner.run(Batch([self._moved(chunk) for chunk in batch.chunks]))

    def _moved(self, chunk: Chunk) -> Chunk:
        if chunk.start > 0:
            return replace(chunk, start=chunk.start + 1)
        return replace(chunk, token_ids=(self._bos_id, *chunk.token_ids))
