"""Times of one decode step's matrix products, with each implementation that torch offers.

docs/decisions/0008-packed-weights.md has the figures of one machine, and the decision.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch.nn.functional import linear

from bench.engine import median_s
from wheel.engine.packed_linear import PackedLinear

NUM_LAYERS = 12
LAYER_SHAPES = ((768, 2304), (768, 768), (768, 3072), (3072, 768))  # GPT-2's: (in, out)
HEAD_SHAPE = (768, 50257)
NUM_ROWS = (1, 4, 30, 128)

Layer = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class Trial:
    """Seconds for all matrix products of GPT-2's 124M parameters, by number of rows; nan if
    torch lacks the operation on this machine."""

    name: str
    seconds: dict[int, float]


def plain(weight: torch.Tensor, bias: torch.Tensor) -> Layer:
    return lambda x: linear(x, weight, bias)


def transposed(weight: torch.Tensor, bias: torch.Tensor) -> Layer:
    """The layout of GPT-2's own layers in transformers: (in, out)."""
    stored = weight.t().contiguous()
    return lambda x: torch.addmm(bias, x, stored)


def packed(weight: torch.Tensor, bias: torch.Tensor) -> Layer:
    return PackedLinear(weight, bias)


def packed_bfloat16(weight: torch.Tensor, bias: torch.Tensor) -> Layer:
    layer = PackedLinear(weight.bfloat16(), bias.bfloat16())
    return lambda x: layer(x.bfloat16()).float()


def int8_weights(weight: torch.Tensor, bias: torch.Tensor) -> Layer:
    """Weights in 8 bits with one scale for each row; activations in bfloat16."""
    scales = weight.abs().amax(dim=1) / 127
    rounded = (weight / scales[:, None]).round().to(torch.int8)
    multiply, halves = torch._weight_int8pack_mm, scales.bfloat16()  # noqa: SLF001
    return lambda x: multiply(x.bfloat16(), rounded, halves).float() + bias


IMPLEMENTATIONS = {
    "plain": plain,
    "transposed": transposed,
    "packed": packed,
    "packed, bfloat16": packed_bfloat16,
    "int8 weights": int8_weights,
}


def trials() -> Iterator[Trial]:
    """Measure one implementation after the other, with random weights."""
    shapes = [*(LAYER_SHAPES * NUM_LAYERS), HEAD_SHAPE]
    with torch.inference_mode():
        for name, make_layer in IMPLEMENTATIONS.items():
            layers = [
                (make_layer(torch.randn(num_out, num_in), torch.randn(num_out)), num_in)
                for num_in, num_out in shapes
            ]
            yield Trial(name, {rows: median_seconds(layers, rows) for rows in NUM_ROWS})


def median_seconds(layers: list[tuple[Layer, int]], num_rows: int) -> float:
    inputs = {num_in: torch.randn(num_rows, num_in) for _, num_in in layers}

    def multiply_all() -> None:
        for layer, num_in in layers:
            layer(inputs[num_in])

    try:
        return median_s(multiply_all)
    except (NotImplementedError, RuntimeError):
        return float("nan")
