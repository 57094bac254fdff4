"""The text so far as chips, and what the last spin gave."""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from math import inf

from django.utils.translation import gettext as _

from wheel.domain.token import Token, surprisal_bits
from wheel.domain.wheel_session import ChosenToken
from wheel.pages.numbers import SMALLEST_PERCENT_PROB, bits, count, odds, percent
from wheel.services import ChosenStep, SessionState

SURPRISE_STEPS_BITS = (1.0, 3.0, 6.0, 10.0)


@dataclass(frozen=True, slots=True)
class Chip:
    """A token of the text; `step` is None for those of the prompt."""

    token: Token
    step: ChosenStep | None = None

    @property
    def surprise_level(self) -> int:
        """0 for at most one bit of surprise, up to 4 for more than ten."""
        assert self.step is not None
        return bisect_right(SURPRISE_STEPS_BITS, step_surprisal_bits(self.step.chosen))

    @property
    def breaks_line(self) -> bool:
        return "\n" in self.token.token_text


@dataclass(frozen=True, slots=True)
class Result:
    """A token that was just added, and how it came about."""

    token: Token
    chosen: ChosenToken
    num_tokens: int

    @property
    def surprisal_bits(self) -> float:
        return step_surprisal_bits(self.chosen)

    @property
    def sentence(self) -> str:
        """␣mat, 18.0 %, 2.5 bits of surprise, about 1 in 6"""
        return f"{self.token.display_text}, {self.figures}"

    @property
    def figures(self) -> str:
        prob = self.chosen.prob
        if prob == 0:
            return _("which the knobs had taken off the wheel")
        parts = [percent(prob), _("%(bits)s of surprise") % {"bits": bits(self.surprisal_bits)}]
        if prob >= SMALLEST_PERCENT_PROB:  # below that, percent is told as odds already
            parts.append(odds(prob))
        return ", ".join(parts)

    @property
    def rank(self) -> str:
        return _("rank %(rank)s of %(num_tokens)s") % {
            "rank": count(self.chosen.rank),
            "num_tokens": count(self.num_tokens),
        }

    @property
    def u(self) -> str:
        """Every digit, so that the draw can be repeated from it."""
        return repr(self.chosen.u)

    @property
    def angle_degrees(self) -> str:
        """Clockwise from 12 o'clock, every digit, never localised."""
        return repr((self.chosen.u or 0.0) * 360)


def step_surprisal_bits(chosen: ChosenToken) -> float:
    return inf if chosen.log_prob is None else surprisal_bits(chosen.log_prob)


def text_direction(text: str) -> str:
    """ "rtl" where the first letter is of a script that is written from the right, else "ltr".

    Told by the text and not left to the browser: pieces of characters are shown in Latin letters.
    """
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return "ltr"


def build_chips(state: SessionState) -> list[Chip]:
    prompt = [Chip(state.token(token_id)) for token_id in state.session.prompt_token_ids]
    return prompt + [Chip(step.token, step) for step in state.steps]


def build_result(state: SessionState, chosen: ChosenToken) -> Result:
    return Result(state.token(chosen.token_id), chosen, state.tokenizer.vocabulary_size)
