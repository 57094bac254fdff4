"""The shapes that the tensors of a decoder must have.

Tensors of other shapes than the config says can compute something: a table of positions that is too
short fails only at a long text, one of tokens that is too short never.
"""

from collections.abc import Iterator

from wheel.decoders.decoder import Array, Decoder, Layer, Linear, Norm
from wheel.decoders.refusals import RefusedModelError

ExpectedShape = tuple[str, Array | None, tuple[int, ...]]  # name, tensor, shape


class WrongShapeError(RefusedModelError):
    """The files hold another model than their config says. The message names the part."""


def require_shapes(decoder: Decoder) -> None:
    """Raises `WrongShapeError`."""
    for name, tensor, shape in expected_shapes(decoder):
        if tensor is not None and tuple(tensor.shape) != shape:
            raise WrongShapeError(f"{name} is {tuple(tensor.shape)}, and should be {shape}")


def expected_shapes(decoder: Decoder) -> Iterator[ExpectedShape]:
    shape = decoder.shape
    of_tokens = (shape.vocabulary_size, shape.hidden_size)
    yield "token_embedding", decoder.token_embedding, of_tokens
    yield "position_embedding", decoder.position_embedding, (shape.context_length, of_tokens[1])
    yield from of_linear("head", decoder.head, *of_tokens)
    yield from of_norm("final_norm", decoder.final_norm, shape.hidden_size)
    for idx, layer in enumerate(decoder.layers):
        for name, tensor, expected in of_layer(decoder, layer):
            yield f"{name} of layer {idx}", tensor, expected


def of_layer(decoder: Decoder, layer: Layer) -> Iterator[ExpectedShape]:
    """The inner size of the MLP is not in `DecoderShape`: `down` has it."""
    shape = decoder.shape
    num_rows = (shape.num_heads + 2 * shape.num_kv_heads) * shape.head_dim
    num_attended = shape.num_heads * shape.head_dim
    inner_size = layer.down.weight.shape[-1]
    yield from of_norm("attention_norm", layer.attention_norm, shape.hidden_size)
    yield from of_linear("qkv", layer.qkv, num_rows, shape.hidden_size)
    yield from of_linear("output", layer.output, shape.hidden_size, num_attended)
    yield from of_norm("mlp_norm", layer.mlp_norm, shape.hidden_size)
    num_up = 2 * inner_size if shape.is_gated else inner_size
    yield from of_linear("up", layer.up, num_up, shape.hidden_size)
    yield from of_linear("down", layer.down, shape.hidden_size, inner_size)


def of_linear(name: str, linear: Linear, num_out: int, num_in: int) -> Iterator[ExpectedShape]:
    yield f"weight of {name}", linear.weight, (num_out, num_in)
    yield f"bias of {name}", linear.bias, (num_out,)


def of_norm(name: str, norm: Norm, size: int) -> Iterator[ExpectedShape]:
    yield f"weight of {name}", norm.weight, (size,)
    yield f"bias of {name}", norm.bias, (size,)
