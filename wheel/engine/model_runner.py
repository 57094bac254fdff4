"""Forward passes of one model over packed batches, without state besides its weights."""

from collections.abc import Sequence

import numpy as np
import torch
from transformers import PreTrainedModel

from wheel.engine import packed_attention, packed_linear
from wheel.engine.arrays import Logits
from wheel.engine.batch import Batch, Chunk
from wheel.engine.kv_buffer import KVBuffer, KVShape
from wheel.engine.scores import Scores


class NonFiniteLogitsError(Exception):
    """The model computed NaN or an infinity, as damaged weights do."""


class ModelRunner:
    """Runs packed batches. It changes the model: it replaces the attention function and packs the
    weights. The caller must not use the model for anything else after that."""

    def __init__(self, model: PreTrainedModel) -> None:
        model.set_attn_implementation(packed_attention.NAME)
        if packed_linear.is_available():
            packed_linear.pack(model)
        config = model.config
        num_heads = config.num_attention_heads
        self._model = model
        self.context_length: int = config.max_position_embeddings
        self._kv_shape = KVShape(
            num_layers=config.num_hidden_layers,
            num_kv_heads=getattr(config, "num_key_value_heads", None) or num_heads,
            head_dim=getattr(config, "head_dim", None) or config.hidden_size // num_heads,
        )

    def allocate(self, num_tokens: int) -> KVBuffer:
        return KVBuffer(self._kv_shape, capacity=num_tokens)

    def score(self, chunk: Chunk, targets: Sequence[int]) -> Scores:
        rows = self._forward(Batch([chunk]), list(range(chunk.num_tokens)))
        return Scores.of_rows(rows, targets)

    def run(self, batch: Batch) -> Logits:
        return self._forward(batch, batch.last_rows())

    def _forward(self, batch: Batch, wanted_rows: list[int]) -> Logits:
        """The logits of these rows of the batch: (wanted, vocabulary_size)."""
        num_padding = max(0, packed_linear.MIN_ROWS - batch.num_tokens)
        padding = [0] * num_padding
        num_wanted = len(wanted_rows)
        if 0 < num_wanted < packed_linear.MIN_ROWS:
            wanted_rows += wanted_rows[-1:] * (packed_linear.MIN_ROWS - num_wanted)
        with torch.inference_mode(), packed_attention.attending_to(batch, num_padding):
            logits = self._model(
                input_ids=torch.tensor([batch.token_ids() + padding]),
                position_ids=torch.tensor([batch.positions() + padding]),
                use_cache=False,
                logits_to_keep=torch.tensor(wanted_rows, dtype=torch.long),
            ).logits
        rows: Logits = logits[0, :num_wanted].numpy()  # (wanted, vocabulary_size)
        if not np.isfinite(rows).all():
            raise NonFiniteLogitsError
        return rows
