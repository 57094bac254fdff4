"""One spin: a uniform random number u in [0, 1) read as an angle.

This is inverse-CDF sampling (L. Devroye, "Non-Uniform Random Variate Generation", 1986, ch. II.2),
and it is also exactly what a fair wheel does.
"""

import math
import random
import secrets
from dataclasses import dataclass
from typing import Self

from wheel.domain.segments import Wheel
from wheel.errors import InvalidFieldsError, NoOtherTokensError

LARGEST_U = math.nextafter(1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Spin:
    """Where the wheel stopped. With the settings and the token ids before it, this is the receipt
    from which anyone can repeat the draw."""

    u: float
    token_id: int
    segment_index: int

    @property
    def angle_degrees(self) -> float:
        """Clockwise from 12 o'clock, in [0, 360)."""
        return self.u * 360

    @classmethod
    def at(cls, wheel: Wheel, u: float) -> Self:
        """Read the wheel at u. Raises `InvalidFieldsError` unless 0 <= u < 1."""
        if not 0 <= u < 1:
            raise InvalidFieldsError({"u": ["Must be at least 0 and less than 1."]})
        rank = wheel.distribution.rank_at(u)
        token_id = int(wheel.distribution.first_token_ids(rank + 1)[rank])
        return cls(u=u, token_id=token_id, segment_index=wheel.segment_index_at(u))


def draw_u(*, seed: int | None, draw_idx: int) -> float:
    """A fresh u: from the operating system's generator, or, where the session has a seed, the
    one that belongs to this seed and the number of draws made before it.

    The seeded u is `random.Random(f"{seed}:{draw_idx}").random()`, which Python promises to keep
    the same in all its versions.
    """
    if seed is None:
        return secrets.SystemRandom().random()
    return random.Random(f"{seed}:{draw_idx}").random()  # noqa: S311 - a seed asks to be repeatable


def squeeze_into_other(wheel: Wheel, u: float) -> float:
    """The point of Other's arc that lies as far along it as u lies along the whole circle.

    Raises `NoOtherTokensError` where Other holds no token that can be drawn.
    """
    if wheel.other_start >= 1.0:
        raise NoOtherTokensError
    return min(wheel.other_start + u * (1.0 - wheel.other_start), LARGEST_U)
