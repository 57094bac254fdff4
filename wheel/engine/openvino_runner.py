"""Forward passes of a decoder over packed batches in OpenVINO: one call for a whole pass
(docs/decisions/0056-paged-attention.md)."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from wheel.decoders.decoder import Decoder
from wheel.engine import openvino_graph
from wheel.engine.arrays import Logits
from wheel.engine.batch import Batch
from wheel.engine.kv_blocks import BlockPool, PagedKVBuffer, num_blocks_for
from wheel.engine.kv_buffer import KVShape
from wheel.engine.openvino_graph import graph_of
from wheel.engine.packed_runner import PackedRunner
from wheel.engine.processors import num_threads
from wheel.engine.quiet_openvino import ov


class OpenVinoRunner(PackedRunner):
    """Several threads may use it: a pass waits for the one before, since they share memory."""

    name = "openvino"

    def __init__(self, decoder: Decoder) -> None:
        """Raises `RuntimeError` if the library does not support the processor or the sizes."""
        shape = decoder.shape
        self.context_length = shape.context_length
        self._vocabulary_size = shape.vocabulary_size
        self._pool = BlockPool(KVShape(shape.num_layers, shape.num_kv_heads, shape.head_dim))
        self._bound_pages: npt.NDArray[np.float32] | None = None
        self._request = compiled(decoder)

    def allocate(self, num_tokens: int, *, num_before: int = 0) -> PagedKVBuffer:
        return PagedKVBuffer(self._pool, capacity=num_tokens, num_before=num_before)

    def _forward(self, batch: Batch, wanted_rows: list[int]) -> Logits:
        logits = np.empty((len(wanted_rows), self._vocabulary_size), np.float32)
        with self._pool.lock:
            self._bind_pages()
            for name, integers in self._inputs(batch, wanted_rows).items():
                self._request.set_tensor(name, ov.Tensor(integers))
            self._request.set_output_tensor(shared(logits))
            self._request.infer(share_outputs=True)
        return logits

    def _inputs(self, batch: Batch, wanted_rows: list[int]) -> Mapping[str, npt.NDArray[np.int32]]:
        """See `graph_of`."""
        chunks = batch.chunks
        buffers = [cast("PagedKVBuffer", chunk.buffer) for chunk in chunks]
        blocks = [
            buffer.blocks[: num_blocks_for(chunk.stop)]
            for chunk, buffer in zip(chunks, buffers, strict=True)
        ]
        lists: dict[str, Any] = {
            openvino_graph.TOKEN_IDS: batch.token_ids(),
            openvino_graph.POSITIONS: batch.positions(),
            openvino_graph.WANTED_ROWS: wanted_rows,
            openvino_graph.NUM_EARLIER: [chunk.start for chunk in chunks],
            openvino_graph.FIRST_ROWS: sums(chunk.num_tokens for chunk in chunks),
            openvino_graph.PAGES: [block for own in blocks for block in own],
            openvino_graph.FIRST_PAGES: sums(map(len, blocks)),
            openvino_graph.MAX_LENGTH: max(chunk.stop for chunk in chunks),
        }
        arrays = {name: np.array(numbers, np.int32) for name, numbers in lists.items()}
        arrays[openvino_graph.PAGES] *= self._pool.pages_per_block
        return arrays

    def _bind_pages(self) -> None:
        pages = self._pool.pages
        if pages is not self._bound_pages:
            self._request.set_tensor(openvino_graph.KEYS, shared(pages[:-1]))
            self._request.set_tensor(openvino_graph.VALUES, shared(pages[1:]))
            self._bound_pages = pages


def sums(numbers: Any) -> list[int]:
    """0, the first number, the sum of two, and so on."""
    return list(accumulate(numbers, initial=0))


def shared(array: npt.NDArray[np.float32]) -> ov.Tensor:
    """Does not keep the memory alive."""
    return ov.Tensor(array, shared_memory=True)


def compiled(decoder: Decoder) -> ov.InferRequest:
    options: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": num_threads(),
        "INFERENCE_PRECISION_HINT": "f32",
        "KV_CACHE_PRECISION": "f32",
        "ENABLE_CPU_PINNING": False,
    }
    return ov.Core().compile_model(graph_of(decoder), "CPU", options).create_infer_request()
