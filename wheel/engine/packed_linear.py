"""Linear layers with their weights reordered into the memory layout that this CPU reads fastest.

A decode step spends most of its time reading weights. oneDNN, which is part of torch, reorders a
matrix once into blocks of the size of this CPU's vector unit, so that every later product reads
memory sequentially (docs/decisions/0008-packed-weights.md).
"""

from collections.abc import Callable

import torch
from torch.nn import functional

from wheel.decoders.decoder import Array, Linear

LAYOUT_ROWS = 64  # oneDNN's layout for this many rows is as fast for one row and for a thousand
MIN_ROWS = 4  # oneDNN is slower on fewer rows; callers pad their input to this many


class PackedLinear(torch.nn.Module):
    """y = x Wᵀ + b for float32 x of (..., rows, in_features); `weight` is (out, in_features)."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        super().__init__()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, LAYOUT_ROWS)  # noqa: SLF001
        self._bias = bias
        self._multiply = torch.ops.mkldnn._linear_pointwise.default  # noqa: SLF001

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self._multiply(x, self._weight, self._bias, "none", [], "")
        return y


def product_with(linear: Linear) -> Callable[[torch.Tensor], torch.Tensor]:
    """The function x -> x Wᵀ + b, on packed weights where this build of torch can."""
    weight = torch.from_numpy(linear.weight)
    bias = tensor_or_none(linear.bias)
    if is_available():
        return PackedLinear(weight.contiguous(), bias)
    return lambda x: functional.linear(x, weight, bias)


def tensor_or_none(array: Array | None) -> torch.Tensor | None:
    return None if array is None else torch.from_numpy(array)


def is_available() -> bool:
    """Whether this build of torch has oneDNN: always on x86, never on a Mac."""
    return bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
