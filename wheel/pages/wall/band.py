"""Small horizontal bands of the table: expected and observed share, and the 95 % interval."""

from dataclasses import dataclass

from wheel.domain.pooled_draws import PooledDraws, PooledSegment

SCALES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
WIDTH = 100.0
MARK_WIDTH = 1.2


@dataclass(frozen=True, slots=True)
class Band:
    """Places on an axis from 0 to `scale`, 100 units wide. Strings are never localised."""

    segment: PooledSegment
    scale: float

    @property
    def low(self) -> str:
        return self._place(self.segment.low)

    @property
    def width(self) -> str:
        return f"{self._units(self.segment.high) - self._units(self.segment.low):.2f}"

    @property
    def mark_width(self) -> str:
        return f"{MARK_WIDTH:g}"

    @property
    def observed(self) -> str:
        """The left edge of the mark of the observed share."""
        return self._mark(self.segment.frequency)

    @property
    def expected(self) -> str:
        return self._mark(self.segment.expected_prob)

    def _mark(self, share: float) -> str:
        middle = self._units(share)
        return f"{min(max(0.0, middle - MARK_WIDTH / 2), WIDTH - MARK_WIDTH):.2f}"

    def _place(self, share: float) -> str:
        return f"{self._units(share):.2f}"

    def _units(self, share: float) -> float:
        return min(1.0, share / self.scale) * WIDTH


def scale_of(draws: PooledDraws) -> float:
    """The end of the axis that the bands of all single tokens have: the smallest of a few on which
    everything has a place. Other would make them too short to be compared."""
    largest = max(
        (
            max(segment.expected_prob, segment.high if has_intervals(draws) else 0.0)
            for segment in draws.segments
            if segment.token_id is not None and (segment.expected_prob or segment.count)
        ),
        default=0.0,
    )
    return next(scale for scale in SCALES if largest <= scale or scale == SCALES[-1])


def has_intervals(draws: PooledDraws) -> bool:
    """Whether the draws say anything about the shares."""
    return draws.num_draws > 0 and draws.are_independent
