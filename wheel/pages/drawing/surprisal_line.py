"""The surprisal of a text, token by token, as a line of steps in a square of 100 by 100."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

SIZE = 100.0
NUM_TICKS = 4  # intervals between the marks at the side
SMALLEST_TOP_BITS = 8


@dataclass(frozen=True)
class SurprisalLine:
    """`surprisals`: in bits, at least one. All tokens are steps of the same width."""

    surprisals: Sequence[float]

    @property
    def top_bits(self) -> int:
        """A multiple of `NUM_TICKS`, so that the marks are whole numbers."""
        highest = max(*self.surprisals, SMALLEST_TOP_BITS)
        return ceil(highest / NUM_TICKS) * NUM_TICKS

    @property
    def ticks(self) -> list[int]:
        """The marks, from the top down."""
        return [self.top_bits * tick // NUM_TICKS for tick in range(NUM_TICKS, -1, -1)]

    @property
    def tick_lines(self) -> list[str]:
        return [f"{self._y(bits):.2f}" for bits in self.ticks]

    @property
    def path(self) -> str:
        steps = [f"V{self._y(bits):.2f}H{self._x(i + 1):.2f}" for i, bits in self._numbered]
        return f"M0 {self._y(self.surprisals[0]):.2f}{''.join(steps)}"

    @property
    def area(self) -> str:
        return f"{self.path}V{SIZE:g}H0Z"

    @property
    def peak(self) -> str:
        """The first of the highest steps, down to the ground."""
        i, bits = max(self._numbered, key=lambda step: step[1])
        left, right, top = self._x(i), self._x(i + 1), self._y(bits)
        return f"M{left:.2f} {SIZE:g}V{top:.2f}H{right:.2f}V{SIZE:g}Z"

    @property
    def mean_y(self) -> str:
        return f"{self._y(sum(self.surprisals) / len(self.surprisals)):.2f}"

    @property
    def _numbered(self) -> list[tuple[int, float]]:
        return list(enumerate(self.surprisals))

    def _x(self, number: int) -> float:
        return SIZE * number / len(self.surprisals)

    def _y(self, bits: float) -> float:
        return SIZE * (1 - bits / self.top_bits)
