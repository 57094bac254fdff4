"""One model's forward pass over a packed batch. Knows no queue, no cache and no clock."""

import torch
from transformers import PreTrainedModel

from wheel.engine import packed_attention
from wheel.engine.batch import Batch
from wheel.engine.kv_buffer import KVBuffer, KVShape
from wheel.engine.request import Logits


class ModelRunner:
    """Gives the model an attention that knows packed batches; used directly, it is as it was."""

    def __init__(self, model: PreTrainedModel) -> None:
        model.set_attn_implementation(packed_attention.NAME)
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

    def run(self, batch: Batch) -> Logits:
        with torch.inference_mode(), packed_attention.attending_to(batch):
            logits = self._model(
                input_ids=torch.tensor([batch.token_ids()]),
                position_ids=torch.tensor([batch.positions()]),
                use_cache=False,
                logits_to_keep=torch.tensor(batch.last_rows(), dtype=torch.long),
            ).logits
        rows: Logits = logits[0].numpy()  # (1, complete, vocabulary_size) -> (complete, ...)
        return rows
