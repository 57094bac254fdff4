"""Figures of a token: probability, log-probability and surprise, on its wheel or, if the knobs have
removed it from the wheel, in the model's own distribution.

A counting model excludes the tokens that it has never seen: their surprise is infinite.
"""

from dataclasses import dataclass
from math import inf, log
from sys import float_info
from typing import Self

from django.utils.translation import gettext as _

from wheel.domain.scored_text import TokenScore
from wheel.domain.token import surprisal_bits
from wheel.domain.wheel_session import ChosenToken
from wheel.pages.words.numbers import bits, log_probability, percent
from wheel.services import WheelView


@dataclass(frozen=True, slots=True)
class TokenFigures:
    """`raw_prob` and `raw_log_prob` are of the model's own distribution; None if an older server
    has not recorded them. Logarithms are natural."""

    prob: float
    log_prob: float
    raw_prob: float | None
    raw_log_prob: float | None

    @classmethod
    def on_wheel(cls, view: WheelView, token_id: int) -> Self:
        shaped, raw = view.wheel.distribution, view.raw
        return cls(
            float(shaped.probs[token_id]),
            float(shaped.log_probs[token_id]),
            float(raw.probs[token_id]),
            float(raw.log_probs[token_id]),
        )

    @classmethod
    def of_choice(cls, chosen: ChosenToken) -> Self:
        raw_prob = chosen.raw_prob
        return cls(
            chosen.prob,
            -inf if chosen.log_prob is None else chosen.log_prob,
            raw_prob,
            None if raw_prob is None else log_of(raw_prob),
        )

    @classmethod
    def of_score(cls, score: TokenScore) -> Self:
        """Of a token that was not drawn but read. No token is impossible for a model, so one whose
        probability is too small for a float has the smallest one."""
        return cls(max(score.prob, float_info.min), score.log_prob, None, None)

    @property
    def is_removed(self) -> bool:
        return self.prob == 0

    @property
    def is_excluded(self) -> bool:
        """Whether the model itself excludes it."""
        return self.raw_prob == 0

    @property
    def surprisal_bits(self) -> float | None:
        """Of a removed token, in the model's own distribution; None if that is not known."""
        log_prob = self.raw_log_prob if self.is_removed else self.log_prob
        return None if log_prob is None else surprisal_bits(log_prob)

    @property
    def probability(self) -> str:
        if not self.is_removed or not self.raw_prob:
            return percent(self.prob)
        return f"{percent(self.prob)}; {in_model(percent(self.raw_prob))}"

    @property
    def surprise(self) -> str:
        """3.9 bits; of a removed token: in the model itself 3.9 bits"""
        is_in_model = self.is_removed and not self.is_excluded
        return in_model(self.plain_surprise) if is_in_model else self.plain_surprise

    @property
    def log_probability(self) -> str:
        plain = self.plain_log_probability
        return in_model(plain) if self.is_removed and not self.is_excluded else plain

    @property
    def plain_surprise(self) -> str:
        surprisal_bits = self.surprisal_bits
        return _("not known") if surprisal_bits is None else bits(surprisal_bits)

    @property
    def plain_log_probability(self) -> str:
        log_prob = self.raw_log_prob if self.is_removed else self.log_prob
        return _("not known") if log_prob is None else log_probability(log_prob)


def log_of(prob: float) -> float:
    return log(prob) if prob else -inf


def in_model(value: str) -> str:
    """in the model itself 6.5%"""
    return _("in the model itself %(value)s") % {"value": value}
