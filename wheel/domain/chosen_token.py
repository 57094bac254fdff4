"""The record of a token that was chosen from a wheel."""

from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Self

from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin
from wheel.domain.wheel_settings import WheelSettings


@dataclass(frozen=True, slots=True)
class ChosenToken:
    """The record of one choice: the token, its figures on its wheel, and the receipt of the draw.

    prob, log_prob   in the distribution of the wheel (log_prob: natural log, None for a token
                     that a filter had removed)
    rank             1-based, over the whole vocabulary; of a token that a filter had removed, in
                     the model's own distribution
    entropy_bits     of the wheel it was chosen from
    is_above         whether it had a segment of its own
    is_drawn         whether by a spin or a draw from Other, not picked by hand
    u, segment_index the receipt of a draw; None if it was picked by hand
    raw_prob         in the model's own distribution; None in documents of older servers
    is_sample        False for a draw that is no random sample of its wheel: with a given u, from
                     Other alone, or again after an earlier token at this place was removed
    """

    token_id: int
    prob: float
    log_prob: float | None
    rank: int
    entropy_bits: float
    is_above: bool
    settings: WheelSettings
    selected_at: datetime
    u: float | None = None
    segment_index: int | None = None
    raw_prob: float | None = None
    is_sample: bool = True

    @classmethod
    def from_wheel(
        cls,
        wheel: Wheel,
        token_id: int,
        *,
        raw_prob: float,
        settings: WheelSettings,
        selected_at: datetime,
        spin: Spin | None = None,
    ) -> Self:
        """The record of a token chosen from `wheel`; `spin` is None if it was picked by hand."""
        distribution = wheel.distribution
        prob, log_prob = (
            float(distribution.probs[token_id]),
            float(distribution.log_probs[token_id]),
        )
        return cls(
            token_id=token_id,
            prob=prob,
            log_prob=log_prob if log_prob > -inf else None,
            rank=distribution.rank_of(token_id) + 1,
            entropy_bits=distribution.entropy_bits,
            is_above=prob >= wheel.threshold,
            settings=settings,
            selected_at=selected_at,
            u=spin.u if spin else None,
            segment_index=spin.segment_index if spin else None,
            raw_prob=raw_prob,
        )

    @property
    def is_drawn(self) -> bool:
        return self.u is not None

    @property
    def is_drawn_from_other(self) -> bool:
        return self.is_drawn and not self.is_above
