"""The story: the text so far as chips, one per token, and the result of the last spin or choice."""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from math import inf

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from wheel.domain.token import Token, surprisal_bits
from wheel.domain.wheel_session import ChosenToken
from wheel.pages.panels.knobs import KNOB_SPECS
from wheel.pages.words.numbers import (
    SMALLEST_PERCENT_PROB,
    bits,
    count,
    log_probability,
    odds,
    percent,
)
from wheel.pages.words.spoken import spoken
from wheel.services import HistoryItem, SessionState

SURPRISE_STEPS_BITS = (1.0, 3.0, 6.0, 10.0)


@dataclass(frozen=True, slots=True)
class Chip:
    """A token of the text. `item` is its entry in the history, `item_idx` the number of entries
    before it. A token of the prompt has None and 0."""

    token: Token
    item: HistoryItem | None = None
    item_idx: int = 0

    @property
    def surprise_level(self) -> int:
        """0 for at most one bit of surprise, up to 4 for more than ten."""
        assert self.item is not None
        return bisect_right(SURPRISE_STEPS_BITS, chosen_surprisal_bits(self.item.chosen))

    @property
    def spoken_name(self) -> str:
        """The name for screen readers; empty if it is the text on the chip."""
        name = spoken(self.token)
        return "" if name == self.token.display_text else name

    @property
    def breaks_line(self) -> bool:
        return "\n" in self.token.token_text

    @property
    def facts(self) -> str:
        """24.1 % · 2.1 bits of surprise"""
        return " · ".join(chosen_facts(self.item.chosen) if self.item else [_("from the prompt")])

    @property
    def more_facts(self) -> str:
        """rank 2 · id 986 · bytes 20 6c 6f · ln p −1.42 · …"""
        parts = [
            *([_("rank %(rank)s") % {"rank": count(self.item.chosen.rank)}] if self.item else []),
            _("id %(token_id)s") % {"token_id": self.token.token_id},
            _("bytes %(token_bytes)s") % {"token_bytes": self.token.token_bytes.hex(" ")},
            *(more_chosen_facts(self.item.chosen) if self.item else []),
        ]
        return " · ".join(parts)

    @property
    def title(self) -> str:
        """Both, a line each: a tooltip without JavaScript, whose lines the page's popup shows."""
        return f"{self.facts}\n{self.more_facts}"


@dataclass(frozen=True, slots=True)
class StoryChange:
    """A change of the text, for a page that shows the text before it: the first `num_kept` chosen
    tokens stay, all after them are replaced."""

    state: SessionState
    num_kept: int

    @property
    def chips(self) -> list[Chip]:
        """Those that replace the others."""
        return chosen_chips(self.state, self.num_kept)


@dataclass(frozen=True, slots=True)
class Result:
    """The token that was added last, and how it was chosen."""

    token: Token
    chosen: ChosenToken
    num_tokens: int

    @property
    def surprisal_bits(self) -> float:
        return chosen_surprisal_bits(self.chosen)

    @property
    def sentence(self) -> str:
        """For screen readers: "space, mat, 18.0 %, 2.5 bits of surprise, about 1 in 6"."""
        return f"{spoken(self.token)}, {self.figures}"

    @property
    def figures(self) -> str:
        prob = self.chosen.prob
        if prob == 0:
            return _("which the knobs had taken off the wheel")
        parts = [percent(prob), _("%(bits)s of surprise") % {"bits": bits(self.surprisal_bits)}]
        if prob >= SMALLEST_PERCENT_PROB:  # below that, percent gives odds already
            parts.append(odds(prob))
        return ", ".join(parts)

    @property
    def rank(self) -> str:
        return _("rank %(rank)s of %(num_tokens)s") % {
            "rank": count(self.chosen.rank),
            "num_tokens": count(self.num_tokens),
        }

    @property
    def knobs(self) -> list[tuple[str | Promise, float]]:
        """The knobs at that moment, as (label, value)."""
        settings = self.chosen.settings
        return [(spec.label, getattr(settings, spec.name)) for spec in KNOB_SPECS]

    @property
    def chosen_angle(self) -> float:
        return (self.chosen.u or 0.0) * 360

    @property
    def u(self) -> str:
        """Every digit, so that the draw can be repeated from it."""
        return repr(self.chosen.u)

    @property
    def angle_degrees(self) -> str:
        """Clockwise from 12 o'clock, every digit, never localised."""
        return repr(self.chosen_angle)


def chosen_facts(chosen: ChosenToken) -> list[str]:
    """A chosen token's probability on its wheel, its surprise, and whether it was drawn."""
    return [
        percent(chosen.prob),
        _("%(bits)s of surprise") % {"bits": bits(chosen_surprisal_bits(chosen))},
        *([] if chosen.is_drawn else [_("picked by hand")]),
    ]


def more_chosen_facts(chosen: ChosenToken) -> list[str]:
    return [
        _("ln p %(log_prob)s") % {"log_prob": log_probability(chosen.log_prob)},
        _("uncertainty of its wheel %(bits)s") % {"bits": bits(chosen.entropy_bits)},
    ]


def chosen_surprisal_bits(chosen: ChosenToken) -> float:
    return inf if chosen.log_prob is None else surprisal_bits(chosen.log_prob)


def text_direction(text: str) -> str:
    """ "rtl" if the first letter belongs to a right-to-left script, else "ltr".

    Decided here and not by the browser, because parts of characters are shown in Latin letters.
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
    return prompt + chosen_chips(state)


def chosen_chips(state: SessionState, first_idx: int = 0) -> list[Chip]:
    """The chips of the chosen tokens from number `first_idx` on."""
    return [
        Chip(token, HistoryItem(token, chosen), idx)
        for idx, chosen in enumerate(state.session.history[first_idx:], start=first_idx)
        for token in [state.token(chosen.token_id)]
    ]


def build_result(state: SessionState, chosen: ChosenToken) -> Result:
    return Result(state.token(chosen.token_id), chosen, state.tokenizer.vocabulary_size)
