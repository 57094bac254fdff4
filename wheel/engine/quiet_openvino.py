"""The package openvino, without its telemetry, and its operation for attention.

Its import sends an event to Google Analytics, unless its conversion tools cannot be imported.
Nothing here needs them.
"""

import sys
from typing import cast

import numpy as np

modules = cast("dict[str, object]", sys.modules)
for name in ("openvino_telemetry", "openvino.tools.ovc"):
    modules.setdefault(name, None)  # an import of it raises `ModuleNotFoundError`

import openvino as ov  # noqa: E402
from openvino import Node, op  # noqa: E402
from openvino import opset13 as ops  # noqa: E402

__all__ = ["Node", "ops", "ov", "paged_attention"]

INTEGERS, FLOATS, BYTES = (np.zeros(0, kind) for kind in (np.int32, np.float32, np.uint8))
ZERO = np.int32(0)
# Inputs of PagedAttention with the values that turn off what they are for. Its class is not in any
# opset yet, and is known by this order: that of OpenVINO 2026.4.
UNUSED = {
    "sliding_window": ZERO,
    "alibi_slopes": FLOATS,
    "max_context_len": ZERO,
    "score_aggregation_window": INTEGERS,
    "rotated_block_indices": INTEGERS,
    "rotation_deltas": INTEGERS,
    "rotation_trig_lut": FLOATS,
    "xattention_threshold": FLOATS,
    "xattention_block_size": ZERO,
    "xattention_stride": ZERO,
    "sinks": FLOATS,
    "adaptive_rkv_start_size": ZERO,
    "adaptive_rkv_evictable_sizes": INTEGERS,
    "adaptive_rkv_diversity_block_set_indices": INTEGERS,
    "adaptive_rkv_diversity_block_set_indices_begins": INTEGERS,
    "token_type_ids": INTEGERS,
    "qq_bias": BYTES,
    "qq_bias_begins": INTEGERS,
}


def paged_attention(**inputs: Node) -> Node:
    """The first ten inputs come in their order, from `query` to `scale`."""
    unused = {name: ops.constant(value) for name, value in UNUSED.items() if name not in inputs}
    first = [name for name in inputs if name not in UNUSED]
    nodes = [(inputs | unused)[name] for name in (*first, *UNUSED)]
    outputs = [node.output(0) if isinstance(node, Node) else node for node in nodes]
    return op._PagedAttentionExtension(outputs)  # noqa: SLF001
