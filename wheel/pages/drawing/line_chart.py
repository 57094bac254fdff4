"""Geometry of a small line chart: values over steps, in user units of an SVG. Numbers are never
localised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

WIDTH, HEIGHT = 360.0, 180.0
LEFT, RIGHT, TOP, BOTTOM = 26.0, 6.0, 8.0, 22.0  # margins, for the ticks
MAX_TICKS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """place: x or y of a value on an axis."""

    value: int
    place: str


@dataclass(frozen=True, slots=True)
class LinePiece:
    """The line from the step before to this one; of the first step, a dot."""

    step: int
    path: str


@dataclass(frozen=True)
class LineChart:
    """The lines begin at step 1 and share both axes, from 0 upwards."""

    lines: Sequence[Sequence[float]]

    @cached_property
    def num_steps(self) -> int:
        return max((len(line) for line in self.lines), default=0)

    @cached_property
    def top_value(self) -> int:
        """A whole number above every value, at least 1."""
        return max(1, ceil(max((max(line) for line in self.lines if line), default=1.0)))

    @property
    def pieces(self) -> list[list[LinePiece]]:
        """The lines, each as one piece a step."""
        return [list(self._pieces_of(line)) for line in self.lines]

    @property
    def value_ticks(self) -> list[Tick]:
        step = ceil(self.top_value / MAX_TICKS)
        return [
            Tick(value, f"{self.y_of(value):.2f}") for value in range(0, self.top_value + 1, step)
        ]

    @property
    def step_ticks(self) -> list[Tick]:
        """The first and the last step, and the tens between, if there is room for them."""
        tens = [step for step in range(10, self.num_steps + 1, 10) if self.num_steps - step > 3]
        steps = [1, *tens, self.num_steps] if self.num_steps > 1 else [1]
        return [Tick(step, f"{self.x_of(step):.2f}") for step in steps]

    def band(self, first_step: int, last_step: int) -> tuple[str, str]:
        """(x, width) of a strip from half a step before the first to half a step after the last."""
        half = self._step_width / 2
        start, end = self.x_of(first_step) - half, self.x_of(last_step) + half
        return f"{start:.2f}", f"{end - start:.2f}"

    def _pieces_of(self, line: Sequence[float]) -> Iterator[LinePiece]:
        previous = ""
        for step, value in enumerate(line, start=1):
            place = f"{self.x_of(step):.2f} {self.y_of(value):.2f}"
            yield LinePiece(step, f"M{previous or place}L{place}")
            previous = place

    def x_of(self, step: int) -> float:
        return LEFT + (step - 0.5) * self._step_width

    def y_of(self, value: float) -> float:
        return HEIGHT - BOTTOM - value / self.top_value * (HEIGHT - TOP - BOTTOM)

    @property
    def _step_width(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(1, self.num_steps)
