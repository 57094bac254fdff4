"""Graphs of OpenVINO with the weights of a decoder.

The graphs of a forward pass end where attention needs the key/value buffers of the sequences, and
begin again at its output: one graph before the first attention, one between any two, one after the
last. Each computes any number of rows.
"""

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from wheel.decoders.decoder import (
    Activation,
    Decoder,
    DecoderShape,
    Layer,
    Linear,
    Norm,
    NormKind,
)
from wheel.engine.quiet_openvino import Node, ops, ov

HIDDEN, ATTENDED, COS, SIN = "hidden", "attended", "cos", "sin"  # inputs
QUERY, NEW, LOGITS = "query", "new", "logits"  # outputs, beside `hidden`


def graphs_of(decoder: Decoder) -> Iterator[ov.Model]:
    """The graphs in their order, one more than layers.

    inputs   hidden (rows, hidden_size); after an attention its output, attended (rows, num_heads *
             head_dim); before one, with rotary positions, cos and sin (rows, 1, num_dims)
    outputs  before an attention query (rows, num_heads * head_dim) and new (rows, 2 * num_kv_heads
             * head_dim), the keys and then the values; between two, hidden too; after the last
             logits (rows, vocabulary_size)
    """
    for idx in range(len(decoder.layers) + 1):
        yield GraphBuilder(decoder, idx).build()


class GraphBuilder:
    """Builds the graph between the attentions of layer `idx - 1` and layer `idx`."""

    def __init__(self, decoder: Decoder, idx: int) -> None:
        self._decoder = decoder
        self._shape = decoder.shape
        self._before = decoder.layers[idx - 1] if idx > 0 else None
        self._after = decoder.layers[idx] if idx < len(decoder.layers) else None
        self._inputs: list[Node] = []
        self._outputs: list[Node] = []

    def build(self) -> ov.Model:
        x = self._input(HIDDEN, self._shape.hidden_size)
        if self._before is not None:
            x = self._finish(self._before, x)
        if self._after is None:
            x = norm(self._shape, self._decoder.final_norm, x)
            self._output(LOGITS, linear(self._decoder.head, x))
        else:
            if self._before is not None:
                self._output(HIDDEN, x)
            self._begin(self._after, x)
        return ov.Model(self._outputs, self._inputs)

    def _finish(self, layer: Layer, x: Node) -> Node:
        """The rest of a layer after its attention."""
        shape = self._shape
        attended = self._input(ATTENDED, shape.num_heads * shape.head_dim)
        attended = linear(layer.output, attended)
        if shape.is_parallel:
            mlp_output = mlp(shape, layer, norm(shape, layer.mlp_norm, x))
            return ops.add(ops.add(x, attended), mlp_output)
        x = ops.add(x, attended)
        return ops.add(x, mlp(shape, layer, norm(shape, layer.mlp_norm, x)))

    def _begin(self, layer: Layer, x: Node) -> None:
        """Query, key and value of a layer."""
        shape = self._shape
        num_query, num_key = shape.num_heads * shape.head_dim, shape.num_kv_heads * shape.head_dim
        qkv = linear(layer.qkv, norm(shape, layer.attention_norm, x))
        if shape.rotary is None:
            query, new = split(qkv, [num_query, 2 * num_key])
        else:
            query_key, value = split(qkv, [num_query + num_key, num_key])
            query, key = split(self._rotated(query_key), [num_query, num_key])
            new = ops.concat([key, value], axis=-1)
        self._output(QUERY, query)
        self._output(NEW, new)

    def _rotated(self, query_key: Node) -> Node:
        """query_key: (rows, heads * head_dim)"""
        assert self._shape.rotary is not None
        num_dims, head_dim = self._shape.rotary.num_dims, self._shape.head_dim
        cos, sin = self._input(COS, 1, num_dims), self._input(SIN, 1, num_dims)
        by_head = ops.reshape(query_key, integers(0, -1, head_dim), special_zero=True)
        whole, rest = by_head, []
        if head_dim > num_dims:
            whole, *rest = split(by_head, [num_dims, head_dim - num_dims])
        first, second = split(whole, [num_dims // 2, num_dims // 2])
        turned = ops.concat([ops.negative(second), first], axis=-1)
        rotated = ops.add(ops.multiply(whole, cos), ops.multiply(turned, sin))
        rotated = ops.concat([rotated, *rest], axis=-1) if rest else rotated
        num_heads = self._shape.num_heads + self._shape.num_kv_heads
        return ops.reshape(rotated, integers(0, num_heads * head_dim), special_zero=True)

    def _input(self, name: str, *sizes: int) -> Node:
        """(rows, *sizes)"""
        node = ops.parameter(ov.PartialShape([-1, *sizes]), np.float32, name=name)
        node.output(0).set_names({name})
        self._inputs.append(node)
        return node

    def _output(self, name: str, node: Node) -> None:
        result = ops.result(node)
        result.output(0).set_names({name})
        self._outputs.append(result)


def linear(layer: Linear, x: Node) -> Node:
    """A weight that is stored as (in, out), as those of GPT-2, is used as it is."""
    weight, is_transposed = layer.weight, layer.weight.is_contiguous()
    product = ops.matmul(
        x,
        constant(weight if is_transposed else weight.t()),
        transpose_a=False,
        transpose_b=is_transposed,
    )
    return product if layer.bias is None else ops.add(product, constant(layer.bias))


def norm(shape: DecoderShape, weights: Norm, x: Node) -> Node:
    epsilon = shape.norm_epsilon
    if shape.norm_kind == NormKind.RMS:
        mean = ops.reduce_mean(ops.power(x, number(2.0)), integers(-1), keep_dims=True)
        root = ops.sqrt(ops.add(mean, number(epsilon)))
        x = ops.multiply(x, ops.divide(number(1.0), root))
    else:
        x = ops.mvn(x, integers(-1), normalize_variance=True, eps=epsilon, eps_mode="inside_sqrt")
    x = ops.multiply(x, constant(weights.weight))
    return x if weights.bias is None else ops.add(x, constant(weights.bias))


def mlp(shape: DecoderShape, layer: Layer, x: Node) -> Node:
    up = linear(layer.up, x)
    if not shape.is_gated:
        return linear(layer.down, activated(shape.activation, up))
    inner_size = layer.down.weight.shape[1]
    gate, value = split(up, [inner_size, inner_size])
    return linear(layer.down, ops.multiply(activated(shape.activation, gate), value))


def activated(activation: Activation, x: Node) -> Node:
    match activation:
        case Activation.GELU:
            return ops.gelu(x, "ERF")
        case Activation.GELU_TANH:
            return ops.gelu(x, "TANH")
        case Activation.SILU:
            return ops.swish(x)


def split(x: Node, sizes: list[int]) -> list[Node]:
    """Parts of the last dimension."""
    parts: list[Node] = ops.variadic_split(x, integers(-1), integers(*sizes)).outputs()
    return parts


def constant(tensor: Tensor) -> Node:
    """Shares the tensor's memory, which has to live as long as the graph."""
    return ops.constant(tensor.contiguous().numpy(), shared_memory=True)


def integers(*values: int) -> Node:
    return ops.constant(np.array(values, dtype=np.int64))


def number(value: float) -> Node:
    return ops.constant(np.float32(value))
