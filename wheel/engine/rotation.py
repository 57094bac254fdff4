"""Rotary positions: the angles by which the first dimensions of queries and keys are rotated."""

import torch
from torch import Tensor

from wheel.decoders.decoder import DecoderShape, Rotary


class Rotation:
    """Cosines and sines for all positions, (context_length, num_dims)."""

    def __init__(self, rotary: Rotary, shape: DecoderShape) -> None:
        dims = torch.arange(0, rotary.num_dims, 2, dtype=torch.float32)
        frequencies = 1.0 / (rotary.base ** (dims / rotary.num_dims))
        positions = torch.arange(shape.context_length, dtype=torch.float32)
        angles = (positions[:, None] * frequencies).repeat(1, 2)
        self.num_dims = rotary.num_dims
        self.cos, self.sin = angles.cos(), angles.sin()

    def at(self, positions: Tensor) -> "RotationAt":
        """positions: (rows,)"""
        return RotationAt(self.cos[positions, None], self.sin[positions, None])


class RotationAt:
    """The rotation of rows by their own positions; `cos` and `sin` are (rows, 1, num_dims)."""

    def __init__(self, cos: Tensor, sin: Tensor) -> None:
        self._cos, self._sin = cos, sin

    def __call__(self, x: Tensor) -> Tensor:
        """x: (rows, heads, head_dim)"""
        num_dims = self._cos.shape[-1]
        rotated, rest = x[..., :num_dims], x[..., num_dims:]
        first, second = rotated.chunk(2, dim=-1)
        rotated = rotated * self._cos + torch.cat((-second, first), dim=-1) * self._sin
        return torch.cat((rotated, rest), dim=-1) if rest.shape[-1] else rotated
