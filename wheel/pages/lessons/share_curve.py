"""The plot of a token's observed share against the number of spins, on a logarithmic axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log10

from wheel.domain.draw_steps import ShareSoFar, curve_sizes, shares_so_far, step_sizes
from wheel.domain.simulated_draws import SimulatedDraws
from wheel.domain.token import Token
from wheel.pages.lessons.spin_bars import Frames
from wheel.pages.words.numbers import count, rounded_percent

SCALES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
LEFT, RIGHT, TOP, BOTTOM = 46.0, 404.0, 8.0, 190.0  # of the plot, in user units
TICK_SHARES = (0.0, 0.5, 1.0)  # of the axis


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of an axis; `place` is its x or y, never localised."""

    place: str
    text: str


@dataclass(frozen=True)
class ShareCurve:
    """Of at least two spins."""

    draws: SimulatedDraws
    token: Token
    prob: float

    @property
    def rows(self) -> list[ShareSoFar]:
        """For the table."""
        return self._shares(step_sizes(self.draws.num_spins))

    @property
    def line(self) -> str:
        return "M" + "L".join(self._at(point.num_spins, point.share) for point in self.points)

    @property
    def band(self) -> str:
        upper = [self._at(point.num_spins, point.high) for point in self.points]
        lower = [self._at(point.num_spins, point.low) for point in reversed(self.points)]
        return f"M{'L'.join(upper + lower)}Z"

    @property
    def expected_y(self) -> str:
        return f"{self._y(self.prob):.2f}"

    @property
    def filled_width(self) -> Frames:
        """Of the part of the plot that is filled after each step."""
        sizes = step_sizes(self.draws.num_spins)
        return Frames(tuple(f"{self._x(size) - LEFT + 2:.2f}" for size in sizes))

    @property
    def spin_ticks(self) -> list[Tick]:
        powers = (10**power for power in range(len(str(self.draws.num_spins))))
        return [Tick(f"{self._x(size):.2f}", count(size)) for size in powers]

    @property
    def share_ticks(self) -> list[Tick]:
        shares = [part * self.scale for part in TICK_SHARES]
        return [Tick(f"{self._y(share):.2f}", rounded_percent(share)) for share in shares]

    @cached_property
    def points(self) -> list[ShareSoFar]:
        return self._shares(curve_sizes(self.draws.num_spins))

    @cached_property
    def scale(self) -> float:
        """The share at the top. The first spins may leave the plot."""
        return next((scale for scale in SCALES if 1.8 * self.prob <= scale), SCALES[-1])

    def _shares(self, sizes: Sequence[int]) -> list[ShareSoFar]:
        return shares_so_far(self.draws.token_ids, self.token.token_id, list(sizes))

    def _at(self, num_spins: int, share: float) -> str:
        return f"{self._x(num_spins):.2f} {self._y(share):.2f}"

    def _x(self, num_spins: int) -> float:
        return LEFT + (RIGHT - LEFT) * log10(num_spins) / log10(self.draws.num_spins)

    def _y(self, share: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * share / self.scale
