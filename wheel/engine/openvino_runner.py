"""Forward passes of a decoder over packed batches, with the linear layers in OpenVINO.

Attention runs in torch, on the key/value buffers of the sequences, as in `TorchRunner`. Between two
attentions, one graph computes everything else (docs/decisions/0051-openvino-runner.md).
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wheel.decoders.decoder import Decoder, DecoderShape
from wheel.engine.arrays import Logits
from wheel.engine.batch import Batch, Chunk, NonFiniteLogitsError
from wheel.engine.kv_buffer import KVBuffer, KVShape
from wheel.engine.openvino_graphs import (
    ATTENDED,
    COS,
    HIDDEN,
    LOGITS,
    NEW,
    QUERY,
    SIN,
    graphs_of,
)
from wheel.engine.packed_attention import PackedBatchAttention
from wheel.engine.quiet_openvino import ov
from wheel.engine.rotation import Rotation
from wheel.engine.scores import Scores


class OpenVinoRunner:
    """Several threads may use it: a pass waits for the one before, since they share memory."""

    name = "openvino"

    def __init__(self, decoder: Decoder) -> None:
        self._shape = shape = decoder.shape
        self.context_length = shape.context_length
        self._kv_shape = KVShape(shape.num_layers, shape.num_kv_heads, shape.head_dim)
        self._scaling = shape.head_dim**-0.5
        self._token_embedding = decoder.token_embedding
        self._position_embedding = decoder.position_embedding
        self._rotation = None if shape.rotary is None else Rotation(shape.rotary, shape)
        self._requests = compiled(decoder)
        self._rows: Rows | None = None
        self._lock = threading.Lock()

    def allocate(self, num_tokens: int) -> KVBuffer:
        return KVBuffer(self._kv_shape, capacity=num_tokens)

    def score(self, chunk: Chunk, targets: Sequence[int]) -> Scores:
        rows = self._forward(Batch([chunk]), list(range(chunk.num_tokens)))
        return Scores.of_rows(rows, targets)

    def run(self, batch: Batch) -> Logits:
        return self._forward(batch, batch.last_rows())

    def _forward(self, batch: Batch, wanted_rows: list[int]) -> Logits:
        """The logits of these rows of the batch: (wanted, vocabulary_size)."""
        with self._lock, torch.inference_mode():
            rows = self._rows_for(batch.num_tokens)
            self._embed(batch, rows)
            attention = PackedBatchAttention(batch)
            for layer_idx, request in enumerate(self._requests[:-1]):
                request.infer(share_outputs=True)
                attention.write(layer_idx, rows.new)
                attended = attention.attend(layer_idx, rows.query, self._scaling)
                rows.attended.copy_(attended.flatten(1))
            logits = self._logits(rows, wanted_rows)
        if not np.isfinite(logits).all():
            raise NonFiniteLogitsError
        return logits

    def _rows_for(self, num_rows: int) -> "Rows":
        """The memory of the last pass, if it had as many rows."""
        if self._rows is None or self._rows.num_rows != num_rows:
            self._rows = Rows(self._shape, num_rows)
            for idx, request in enumerate(self._requests[:-1]):
                self._rows.bind(request, idx)
        return self._rows

    def _embed(self, batch: Batch, rows: "Rows") -> None:
        token_ids, positions = torch.tensor(batch.token_ids()), torch.tensor(batch.positions())
        torch.index_select(self._token_embedding, 0, token_ids, out=rows.first)
        if self._position_embedding is not None:
            rows.first += self._position_embedding[positions]
        if self._rotation is not None:
            rows.cos.copy_(self._rotation.cos[positions, None])
            rows.sin.copy_(self._rotation.sin[positions, None])

    def _logits(self, rows: "Rows", wanted_rows: list[int]) -> Logits:
        logits = np.empty((len(wanted_rows), self._shape.vocabulary_size), np.float32)
        if wanted_rows:
            request = self._requests[-1]
            hidden, attended = rows.last[wanted_rows], rows.attended[wanted_rows]
            request.set_tensor(HIDDEN, shared(hidden))
            request.set_tensor(ATTENDED, shared(attended))
            request.set_tensor(LOGITS, ov.Tensor(logits, shared_memory=True))
            request.infer(share_outputs=True)
        return logits


class Rows:
    """Memory that all graphs of a pass read and write, for one number of rows."""

    def __init__(self, shape: DecoderShape, num_rows: int) -> None:
        num_kv_heads, head_dim = shape.num_kv_heads, shape.head_dim
        self.num_rows = num_rows
        # Each graph reads one and writes the other.
        self._hidden = torch.zeros(2, num_rows, shape.hidden_size)
        self.attended = torch.zeros(num_rows, shape.num_heads * head_dim)
        self.query = torch.zeros(num_rows, num_kv_heads, shape.num_heads // num_kv_heads, head_dim)
        new = torch.zeros(num_rows, 2, num_kv_heads, head_dim)
        num_dims = 0 if shape.rotary is None else shape.rotary.num_dims
        self.cos, self.sin = torch.zeros(2, num_rows, 1, num_dims)
        self._tensors = {
            ATTENDED: shared(self.attended),
            QUERY: shared(self.query.flatten(1)),
            NEW: shared(new.flatten(1)),
            COS: shared(self.cos),
            SIN: shared(self.sin),
        }
        self._hidden_tensors = [shared(hidden) for hidden in self._hidden]
        self.new = new.permute(1, 2, 0, 3)  # (2, kv_heads, rows, head_dim)
        self.first, self.last = self._hidden[0], self._hidden[(shape.num_layers - 1) % 2]

    def bind(self, request: Any, idx: int) -> None:
        """Let the request of graph `idx` use this memory from now on."""
        model = request.get_compiled_model()
        for port in (*model.inputs, *model.outputs):
            if HIDDEN not in port.names:
                request.set_tensor(port, self._tensors[next(iter(port.names))])
        request.set_tensor(model.inputs[0], self._hidden_tensors[max(0, idx - 1) % 2])
        if idx > 0:
            request.set_tensor(model.outputs[0], self._hidden_tensors[idx % 2])


def shared(tensor: Tensor) -> ov.Tensor:
    """Does not keep the memory alive."""
    return ov.Tensor(tensor.numpy(), shared_memory=True)


def compiled(decoder: Decoder) -> list[ov.InferRequest]:
    """One request for each graph. Compilation uses one core, so several graphs are compiled at
    once."""
    core, num_threads = ov.Core(), torch.get_num_threads()
    options: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": num_threads,
        "INFERENCE_PRECISION_HINT": "f32",
        "ENABLE_CPU_PINNING": False,
    }

    def request_of(graph: ov.Model) -> ov.InferRequest:
        return core.compile_model(graph, "CPU", options).create_infer_request()

    with ThreadPoolExecutor(num_threads, thread_name_prefix="graphs") as pool:
        return list(pool.map(request_of, graphs_of(decoder)))
