"""A runner whose logits tell their context, and which records the batches that it ran."""

import threading
from typing import cast

import numpy as np
import torch

from tests.engine.bounds import BOUND_S
from wheel.engine.batch import Batch
from wheel.engine.contiguous_kv_buffer import ContiguousKVBuffer
from wheel.engine.kv_buffer import KVShape
from wheel.engine.scores import Scores

VOCABULARY_SIZE = 16
SHAPE = KVShape(num_layers=1, num_kv_heads=1, head_dim=1)


class RecordingRunner:
    """Writes every token id into its row of the KV buffer, and computes the logits from the rows
    that it finds there. A row that is missing, moved or overwritten gives other logits.

    While `gate` is closed, forward passes wait; `failing` token ids make a pass raise.
    """

    name = "recording"
    context_length = 64

    def __init__(self) -> None:
        self.batches: list[list[tuple[int, ...]]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)
        self.failing: set[int] = set()

    @property
    def num_tokens_run(self) -> int:
        return sum(len(token_ids) for batch in self.batches for token_ids in batch)

    def allocate(self, num_tokens: int) -> ContiguousKVBuffer:
        return ContiguousKVBuffer(SHAPE, capacity=num_tokens)

    def score(self, chunk, targets):
        self.run(Batch([chunk]))
        seen = chunk.buffer.rows(0, chunk.stop)[0, 0, 0, :, 0].int().tolist()
        rows = [logits_of(seen[: stop + 1]) for stop in range(chunk.start, chunk.stop)]
        return Scores.of_rows(np.array(rows, dtype=np.float32), targets)

    def run(self, batch: Batch) -> np.ndarray:
        self.batches.append([chunk.token_ids for chunk in batch.chunks])
        self.entered.release()
        assert self.gate.wait(BOUND_S)
        if self.failing & set(batch.token_ids()):
            raise RuntimeError("this context fails")
        rows = []
        for chunk in batch.chunks:
            buffer = cast("ContiguousKVBuffer", chunk.buffer)
            written = torch.tensor(chunk.token_ids, dtype=torch.float32)
            buffer.rows(chunk.start, chunk.stop)[0, 0, 0, :, 0] = written
            if chunk.is_last:
                seen = buffer.rows(0, chunk.stop)[0, 0, 0, :, 0].int().tolist()
                rows.append(logits_of(seen))
        return np.array(rows, dtype=np.float32).reshape(-1, VOCABULARY_SIZE)


def logits_of(token_ids) -> list[float]:
    """Logits that differ between any two contexts of small token ids."""
    digest = 0
    for token_id in token_ids:
        digest = (digest * 31 + token_id + 1) % 1_000_003
    return [float((digest * (i + 7)) % 9973) for i in range(VOCABULARY_SIZE)]


def ask(engine, *token_ids, model_id="m"):
    return engine.next_logits(model_id, token_ids)


def row_of(future):
    return future.result(timeout=BOUND_S).tolist()


def hold_up(engine, runner, *token_ids):
    """A request whose forward pass waits at the closed gate."""
    runner.gate.clear()
    future = ask(engine, *token_ids)
    assert runner.entered.acquire(timeout=BOUND_S)
    return future
