"""Spins: inverse-CDF sampling, with a uniform u in [0, 1) as the angle at which the wheel stops.

Source: L. Devroye, "Non-Uniform Random Variate Generation", 1986, ch. II.2.
"""

import math
import random
import secrets
from dataclasses import dataclass
from typing import Self

from wheel.domain.segments import Wheel
from wheel.errors import InvalidFieldsError, NoOtherTokensError
from wheel.sentences import Sentence

LARGEST_U = math.nextafter(1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Spin:
    """The outcome of a spin. With the settings and the token ids before it, u is the receipt from
    which the draw can be repeated."""

    u: float
    token_id: int
    segment_index: int

    @property
    def angle_degrees(self) -> float:
        """Clockwise from 12 o'clock, in [0, 360)."""
        return self.u * 360

    @classmethod
    def at(cls, wheel: Wheel, u: float) -> Self:
        """The outcome for this u. Raises `InvalidFieldsError` unless 0 <= u < 1."""
        if not 0 <= u < 1:
            raise InvalidFieldsError({"u": [Sentence("Must be at least 0 and less than 1.")]})
        rank = wheel.distribution.rank_at(u)
        token_id = int(wheel.distribution.first_token_ids(rank + 1)[rank])
        return cls(u=u, token_id=token_id, segment_index=wheel.segment_index_at(u))


def draw_u(*, seed: int | None, draw_idx: int) -> float:
    """A new u in [0, 1): from the operating system's generator if `seed` is None, else determined
    by the seed and the number of previous draws.

    The seeded u is `random.Random(f"{seed}:{draw_idx}").random()`, which Python guarantees to be
    the same in all its versions.
    """
    if seed is None:
        return secrets.SystemRandom().random()
    return random.Random(f"{seed}:{draw_idx}").random()  # noqa: S311 - a seed must be repeatable


def map_into_other(wheel: Wheel, u: float) -> float:
    """Map u linearly from the whole circle [0, 1) onto Other's arc.

    Raises `NoOtherTokensError` if no token of Other can be drawn.
    """
    if wheel.other_start >= 1.0:
        raise NoOtherTokensError
    return min(wheel.other_start + u * (1.0 - wheel.other_start), LARGEST_U)
