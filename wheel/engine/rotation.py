"""Rotary positions: the angles by which the first dimensions of queries and keys are rotated."""

import numpy as np

from wheel.decoders.decoder import DecoderShape, Rotary


class Rotation:
    """Cosines and sines for all positions, (context_length, num_dims)."""

    def __init__(self, rotary: Rotary, shape: DecoderShape) -> None:
        dims = np.arange(0, rotary.num_dims, 2, dtype=np.float32)
        frequencies = np.float32(1.0) / np.float32(rotary.base) ** (dims / rotary.num_dims)
        positions = np.arange(shape.context_length, dtype=np.float32)
        angles = np.tile(positions[:, None] * frequencies, 2)
        self.cos, self.sin = np.cos(angles), np.sin(angles)
