"""The results as an SVG bar chart of ratios, on a logarithmic scale."""

import math
from dataclasses import dataclass
from pathlib import Path

from django.template.loader import render_to_string

from bench.results import Results
from wheel.language_models.registry import GPT2

BAR_HEIGHT = 22
ROW_HEIGHT = 32
LABEL_WIDTH = 480
CHART_WIDTH = 420
LARGEST_RATIO = 100.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One ratio; `top` and the other positions are pixels."""

    label: str
    ratio: float
    top: int

    @property
    def text(self) -> str:
        return f"{self.ratio:.1f} ×"

    @property
    def width(self) -> float:
        return max(1.0, position(self.ratio))

    @property
    def baseline(self) -> int:
        return self.top + BAR_HEIGHT - 6

    @property
    def text_left(self) -> float:
        return LABEL_WIDTH + self.width + 8


def position(ratio: float) -> float:
    """The length of a ratio's bar in pixels; 0 for a ratio of 1 or less."""
    shown = min(max(ratio, 1.0), LARGEST_RATIO)
    return round(math.log10(shown) / math.log10(LARGEST_RATIO) * CHART_WIDTH, 1)


def write_chart(results: Results, path: Path) -> None:
    """Write the SVG file. Needs the results of all scenarios."""
    ratios = [
        (f"engine: {figure.name}", figure.ratio)
        for figure in results.model(GPT2.model_id).figures
        if figure.ratio is not None and figure.name != "a known context again"
    ]
    ratios += [
        (f"spins/s: {figures.scenario.name}", figures.rate_ratio)
        for figures in results.classes
        if figures.rate_ratio is not None and not figures.scenario.think_s
    ]
    bars = [
        Bar(label, ratio, 56 + index * ROW_HEIGHT) for index, (label, ratio) in enumerate(ratios)
    ]
    marks = [(ratio, LABEL_WIDTH + position(ratio)) for ratio in (1, 3, 10, 30, 100)]
    context = {
        "bars": bars,
        "marks": marks,
        "left": LABEL_WIDTH,
        "label_right": LABEL_WIDTH - 12,
        "bar_height": BAR_HEIGHT,
        "width": LABEL_WIDTH + CHART_WIDTH + 80,
        "height": 56 + len(bars) * ROW_HEIGHT + 16,
        "bottom": 56 + len(bars) * ROW_HEIGHT,
    }
    path.write_text(render_to_string("benchmark/chart.svg", context))
