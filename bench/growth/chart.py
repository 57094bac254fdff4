"""The plans as an SVG line chart with two logarithmic axes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.template.loader import render_to_string

from bench.growth.shards import Plan

LEFT, TOP, WIDTH, HEIGHT = 80, 64, 640, 360
LABELS_WIDTH = 180
LOWEST_LABEL_GAP = 18
SERIES: tuple[tuple[str, str, Callable[[Plan], int]], ...] = (
    ("cores in all", "#26221c", lambda plan: plan.cores),
    ("web processes", "#2f6f8f", lambda plan: plan.num_web),
    ("engine replicas", "#b4552d", lambda plan: plan.num_replicas),
)


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis from `first` to `last`, both above 0, on pixels `begin` to `end`."""

    first: float
    last: float
    begin: float
    end: float

    def position(self, value: float) -> float:
        share = math.log(value / self.first) / math.log(self.last / self.first)
        return round(self.begin + share * (self.end - self.begin), 1)

    def marks(self) -> list[tuple[str, float]]:
        """Each power of ten on the axis with its position."""
        first, last = math.ceil(math.log10(self.first)), math.floor(math.log10(self.last))
        powers = [10**exponent for exponent in range(first, last + 1)]
        return [(f"{power:,}", self.position(power)) for power in powers]


@dataclass(frozen=True, slots=True)
class Line:
    """One series. `points` in pixels; the label stands right of the last one."""

    label: str
    colour: str
    points: list[tuple[float, float]]
    label_y: float

    @property
    def path(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)


def write_chart(plans: Sequence[Plan], path: Path) -> None:
    """Write the SVG file. Needs at least two plans, from the fewest students to the most."""
    across = Axis(plans[0].num_students, plans[-1].num_students, LEFT, LEFT + WIDTH)
    largest = 10 ** math.ceil(math.log10(max(plan.cores for plan in plans)))
    up = Axis(1, largest, TOP + HEIGHT, TOP)
    context = {
        "lines": lines_of(plans, across, up),
        "across": across.marks(),
        "up": up.marks(),
        "left": LEFT,
        "right": LEFT + WIDTH,
        "top": TOP,
        "bottom": TOP + HEIGHT,
        "middle": LEFT + WIDTH // 2,
        "label_left": LEFT + WIDTH + 12,
        "width": LEFT + WIDTH + LABELS_WIDTH,
        "height": TOP + HEIGHT + 56,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_to_string("benchmark/growth.svg", context))


def lines_of(plans: Sequence[Plan], across: Axis, up: Axis) -> list[Line]:
    """From top to bottom, with labels that do not overlap."""
    lines: list[Line] = []
    for name, colour, number_of in sorted(SERIES, key=lambda series: -series[2](plans[-1])):
        points = [
            (across.position(plan.num_students), up.position(number_of(plan))) for plan in plans
        ]
        above = lines[-1].label_y + LOWEST_LABEL_GAP if lines else 0
        label = f"{name}: {number_of(plans[-1]):,}"
        lines.append(Line(label, colour, points, max(points[-1][1], above)))
    return lines
