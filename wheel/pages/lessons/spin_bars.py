"""Bars of a simulation: the observed share of each segment beside the expected one.

The script of the page fills the bars in steps. Lengths and words of every step are made here; a
drawing has those of the last one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from wheel.domain.draw_steps import step_sizes
from wheel.domain.segments import WheelSegment
from wheel.domain.simulated_draws import SimulatedDraws, SimulatedSegment
from wheel.domain.token import Token
from wheel.pages.drawing.wheel import num_shown, segment_hues
from wheel.pages.words.counts import narrow_text, other_text
from wheel.pages.words.numbers import count, percent, rounded_percent
from wheel.services import WheelView

SCALES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
ROOM = 1.25  # of the axis, above the largest expected share
WIDTH = 100.0
MAX_BARS = 24


@dataclass(frozen=True, slots=True)
class Frames:
    """An attribute or a text of the drawing after each step. Numbers are never localised."""

    values: tuple[str, ...]

    @property
    def every(self) -> str:
        return "|".join(self.values)

    @property
    def last(self) -> str:
        return self.values[-1]


@dataclass(frozen=True)
class SpinRow:
    """A segment with its draws after each step, the last of which are all.

    token  None for Other
    """

    steps: Sequence[SimulatedSegment]
    sizes: Sequence[int]
    scale: float
    token: Token | None
    text: str
    hue_index: int | None

    @property
    def segment(self) -> SimulatedSegment:
        """With all draws."""
        return self.steps[-1]

    @property
    def share(self) -> float:
        return self.segment.count / self.sizes[-1]

    @property
    def difference(self) -> float:
        """Of the observed share from the expected one."""
        return self.share - self.segment.expected_prob

    @property
    def is_outside(self) -> bool:
        """Whether the band misses the expected share."""
        return not self.segment.low <= self.segment.expected_prob <= self.segment.high

    @property
    def expected_width(self) -> str:
        return self._units(self.segment.expected_prob)

    @property
    def observed_width(self) -> Frames:
        return self._frames(lambda step, size: self._units(step.count / size))

    @property
    def band_start(self) -> Frames:
        return self._frames(lambda step, _: self._units(step.low))

    @property
    def band_width(self) -> Frames:
        return self._frames(lambda step, _: f"{self._place(step.high) - self._place(step.low):.2f}")

    @property
    def band_end(self) -> Frames:
        return self._frames(lambda step, _: self._units(step.high))

    @property
    def count_text(self) -> Frames:
        return self._frames(lambda step, _: count(step.count))

    @property
    def share_text(self) -> Frames:
        return self._frames(lambda step, size: percent(step.count / size))

    def _frames(self, draw: Callable[[SimulatedSegment, int], str]) -> Frames:
        return Frames(tuple(map(draw, self.steps, self.sizes)))

    def _units(self, share: float) -> str:
        return f"{self._place(share):.2f}"

    def _place(self, share: float) -> float:
        """On the axis; a share beyond its end is drawn to the end."""
        return min(1.0, share / self.scale) * WIDTH


@dataclass(frozen=True)
class SpinBars:
    """All segments that can be drawn, with the draws after each step."""

    view: WheelView
    draws: SimulatedDraws

    @cached_property
    def sizes(self) -> list[int]:
        return step_sizes(self.draws.num_spins)

    @property
    def size_frames(self) -> str:
        return Frames(tuple(str(size) for size in self.sizes)).every

    @property
    def size_text(self) -> Frames:
        return Frames(tuple(count(size) for size in self.sizes))

    @cached_property
    def rows(self) -> list[SpinRow]:
        """The segments that are drawn singly, then Other."""
        own = self.view.wheel.segments[: num_shown(self.view.wheel)]
        hues = segment_hues(self.view.wheel)
        rows = [self._row(segment, hue) for segment, hue in zip(own, hues, strict=True)]
        if self.view.wheel.num_other and self.view.wheel.other_prob > 0:
            rows.append(self._row(self.view.wheel.segments[-1], None))
        return rows

    @property
    def drawn_rows(self) -> list[SpinRow]:
        """Those with a bar: the first ones, and Other."""
        own = [row for row in self.rows if row.token]
        return own[:MAX_BARS] + [row for row in self.rows if not row.token]

    @property
    def num_without_bar(self) -> int:
        return len(self.rows) - len(self.drawn_rows)

    @property
    def narrow_text(self) -> str:
        """Segments that are too narrow to be listed, with their number; empty if there are none."""
        num_narrow = self.view.wheel.num_above_possible - num_shown(self.view.wheel)
        return narrow_text(num_narrow) if num_narrow else ""

    @property
    def num_drawn_narrow(self) -> int:
        return self.draws.num_spins - sum(row.segment.count for row in self.rows)

    @cached_property
    def furthest(self) -> SpinRow:
        """The row whose observed share is the furthest from the expected one."""
        return max(self.rows, key=lambda row: abs(row.difference))

    @property
    def num_outside(self) -> int:
        return sum(row.is_outside for row in self.rows)

    @cached_property
    def scale(self) -> float:
        """The share at the end of the axis of all single tokens."""
        (largest,) = self.view.wheel.distribution.first_probs(1).tolist()
        return scale_for(largest)

    @property
    def other_scale(self) -> float:
        """That of Other, which is often so large that on its axis no other bar would be seen."""
        return max(self.scale, scale_for(self.view.wheel.other_prob))

    @property
    def scale_text(self) -> str:
        return rounded_percent(self.scale)

    @property
    def other_scale_text(self) -> str:
        """Empty if Other has the axis of the single tokens."""
        return rounded_percent(self.other_scale) if self.other_scale > self.scale else ""

    @cached_property
    def _beginnings(self) -> list[SimulatedDraws]:
        return [self.draws.first(size) for size in self.sizes]

    def _row(self, segment: WheelSegment, hue_index: int | None) -> SpinRow:
        is_other = segment.token_id is None
        return SpinRow(
            steps=[beginning.segment(segment) for beginning in self._beginnings],
            sizes=self.sizes,
            scale=self.other_scale if is_other else self.scale,
            token=None if is_other else self.view.state.token(segment.token_id or 0),
            text=other_text(self.view.wheel.num_other) if is_other else "",
            hue_index=hue_index,
        )


def scale_for(largest: float) -> float:
    """The shortest axis with room for an expected share, and some more for the observed one."""
    return next((scale for scale in SCALES if largest * ROOM <= scale), SCALES[-1])
