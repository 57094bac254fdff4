"""A runner whose logits say which context they belong to, and that records what it ran."""

import threading

import numpy as np
import torch

from wheel.engine.batch import Batch
from wheel.engine.kv_buffer import KVBuffer, KVShape

VOCABULARY_SIZE = 16
SHAPE = KVShape(num_layers=1, num_kv_heads=1, head_dim=1)


class RecordingRunner:
    """It keeps every token id in its place in the KV buffer and computes its logits from what it
    finds there, so a row that is missing, moved or overwritten gives other logits.

    While `gate` is closed, forward passes wait; `failing` token ids make a pass raise.
    """

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

    def allocate(self, num_tokens: int) -> KVBuffer:
        return KVBuffer(SHAPE, capacity=num_tokens)

    def run(self, batch: Batch) -> np.ndarray:
        self.batches.append([chunk.token_ids for chunk in batch.chunks])
        self.entered.release()
        assert self.gate.wait(timeout=30)
        if self.failing & set(batch.token_ids()):
            raise RuntimeError("this context fails")
        rows = []
        for chunk in batch.chunks:
            written = torch.tensor(chunk.token_ids, dtype=torch.float32)
            chunk.buffer.rows(chunk.start, chunk.stop)[0, 0, 0, :, 0] = written
            if chunk.is_last:
                seen = chunk.buffer.rows(0, chunk.stop)[0, 0, 0, :, 0].int().tolist()
                rows.append(logits_of(seen))
        return np.array(rows, dtype=np.float32).reshape(-1, VOCABULARY_SIZE)


def logits_of(token_ids) -> list[float]:
    """Logits that belong to this context and, for small ids, to no other."""
    digest = 0
    for token_id in token_ids:
        digest = (digest * 31 + token_id + 1) % 1_000_003
    return [float((digest * (i + 7)) % 9973) for i in range(VOCABULARY_SIZE)]
