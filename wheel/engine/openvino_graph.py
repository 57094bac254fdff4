"""The graph of a whole forward pass in OpenVINO, with the weights of a decoder.

Attention is the operation PagedAttention, which reads and writes keys and values in the pages of a
`BlockPool`, and computes a packed batch of any mix of lengths, chunks and prefixes.
"""

import numpy as np

from wheel.decoders.decoder import (
    Activation,
    Array,
    Decoder,
    DecoderShape,
    Layer,
    Linear,
    Norm,
    NormKind,
)
from wheel.engine.kv_blocks import BLOCK_TOKENS
from wheel.engine.quiet_openvino import Node, ops, ov, paged_attention
from wheel.engine.rotation import Rotation

TOKEN_IDS, POSITIONS, WANTED_ROWS = "token_ids", "positions", "wanted_rows"
NUM_EARLIER, FIRST_ROWS, MAX_LENGTH = "num_earlier", "first_rows", "max_length"
PAGES, FIRST_PAGES = "pages", "first_pages"
KEYS, VALUES = "keys", "values"


def graph_of(decoder: Decoder) -> ov.Model:
    """Of a packed batch of some sequences, whose new tokens are its rows. Integers are int32.

    token_ids, positions  (rows,)
    wanted_rows     (wanted,) whose logits are computed
    num_earlier     (sequences,) tokens whose keys and values are in the pages already
    first_rows      (sequences + 1,) the first row of each sequence, and the number of rows
    pages           (all pages of the batch,) of each sequence in turn, those of the first layer's
                    keys
    first_pages     (sequences + 1,) the index in `pages` of each sequence's first, and their number
    max_length      () of a sequence, with its new tokens
    keys, values    (number, num_kv_heads, BLOCK_TOKENS, head_dim) the pages, and the same from the
                    second on
    output          (wanted, vocabulary_size) logits
    """
    return GraphBuilder(decoder).build()


class GraphBuilder:
    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._shape = shape = decoder.shape
        self._inputs: list[Node] = []
        self._token_ids = self._integers(TOKEN_IDS)
        self._positions = self._integers(POSITIONS)
        self._wanted_rows = self._integers(WANTED_ROWS)
        self._num_earlier = self._integers(NUM_EARLIER)
        self._first_rows = self._integers(FIRST_ROWS)
        self._pages = self._integers(PAGES)
        self._first_pages = self._integers(FIRST_PAGES)
        self._max_length = self._input(MAX_LENGTH, [], np.int32)
        page = [-1, shape.num_kv_heads, BLOCK_TOKENS, shape.head_dim]
        self._keys = self._input(KEYS, page, np.float32)
        self._values = self._input(VALUES, page, np.float32)

    def build(self) -> ov.Model:
        decoder, shape = self._decoder, self._shape
        x = rows_of(decoder.token_embedding, self._token_ids)
        if decoder.position_embedding is not None:
            x = ops.add(x, rows_of(decoder.position_embedding, self._positions))
        cos_sin = None if shape.rotary is None else self._angles(Rotation(shape.rotary, shape))
        for layer_idx, layer in enumerate(decoder.layers):
            x = self._layer(layer_idx, layer, x, cos_sin)
        wanted = ops.gather(x, self._wanted_rows, integers(0))
        logits = linear(decoder.head, norm(shape, decoder.final_norm, wanted))
        return ov.Model([ops.result(logits)], self._inputs)

    def _angles(self, rotation: Rotation) -> tuple[Node, Node]:
        """Cosines and sines, (rows, 1, num_dims)"""
        cos, sin = (rows_of(table, self._positions) for table in (rotation.cos, rotation.sin))
        return ops.unsqueeze(cos, integers(1)), ops.unsqueeze(sin, integers(1))

    def _layer(
        self, layer_idx: int, layer: Layer, x: Node, cos_sin: tuple[Node, Node] | None
    ) -> Node:
        shape = self._shape
        qkv = linear(layer.qkv, norm(shape, layer.attention_norm, x))
        num_query, num_key = shape.num_heads * shape.head_dim, shape.num_kv_heads * shape.head_dim
        query_key, value = split(qkv, [num_query + num_key, num_key])
        if cos_sin is not None:
            query_key = self._rotated(query_key, *cos_sin)
        query, key = split(query_key, [num_query, num_key])
        attended = linear(layer.output, self._attended(layer_idx, query, key, value))
        if shape.is_parallel:
            mlp_output = mlp(shape, layer, norm(shape, layer.mlp_norm, x))
            return ops.add(ops.add(x, attended), mlp_output)
        x = ops.add(x, attended)
        return ops.add(x, mlp(shape, layer, norm(shape, layer.mlp_norm, x)))

    def _rotated(self, query_key: Node, cos: Node, sin: Node) -> Node:
        """query_key: (rows, heads * head_dim)"""
        assert self._shape.rotary is not None
        num_dims, head_dim = self._shape.rotary.num_dims, self._shape.head_dim
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

    def _attended(self, layer_idx: int, query: Node, key: Node, value: Node) -> Node:
        """(rows, num_heads * head_dim)"""
        shape = self._shape
        node = paged_attention(
            query=query,
            key=key,
            value=value,
            key_cache=self._keys,
            value_cache=self._values,
            past_lens=self._num_earlier,
            subsequence_begins=self._first_rows,
            block_indices=ops.add(self._pages, int32(2 * layer_idx)),
            block_indices_begins=self._first_pages,
            scale=number(shape.head_dim**-0.5),
            max_context_len=self._max_length,
        )
        info = node.get_rt_info()
        info["num_k_heads"] = info["num_v_heads"] = shape.num_kv_heads
        info["k_head_size"] = info["v_head_size"] = shape.head_dim
        return node.output(0)

    def _integers(self, name: str) -> Node:
        return self._input(name, [-1], np.int32)

    def _input(self, name: str, sizes: list[int], element_type: type[np.generic]) -> Node:
        node = ops.parameter(ov.PartialShape(sizes), element_type, name=name)
        node.output(0).set_names({name})
        self._inputs.append(node)
        return node


def rows_of(table: Array, indices: Node) -> Node:
    return ops.gather(constant(table), indices, integers(0))


def linear(layer: Linear, x: Node) -> Node:
    """A weight that is stored as (in, out), as those of GPT-2, is used as it is."""
    weight, is_transposed = layer.weight, layer.weight.flags.c_contiguous
    product = ops.matmul(
        x,
        constant(weight if is_transposed else weight.T),
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


def constant(array: Array) -> Node:
    """Shares the array's memory."""
    return ops.constant(np.ascontiguousarray(array), shared_memory=True)


def integers(*values: int) -> Node:
    return ops.constant(np.array(values, dtype=np.int64))


def int32(value: int) -> Node:
    return ops.constant(np.int32(value))


def number(value: float) -> Node:
    return ops.constant(np.float32(value))
