"""The story: the text so far as chips, one per token, and the result of the last spin or choice."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from wheel.domain.scored_text import TokenScore
from wheel.domain.token import Token, completed_characters, display
from wheel.domain.wheel_session import ChosenToken
from wheel.pages.panels.figures import TokenFigures
from wheel.pages.panels.knobs import KNOB_SPECS
from wheel.pages.words.directions import token_direction
from wheel.pages.words.numbers import SMALLEST_PERCENT_PROB, bits, count, odds, percent
from wheel.pages.words.spoken import spoken
from wheel.pages.words.tokens import token_note
from wheel.services import HistoryItem, SessionState

SURPRISE_STEPS_BITS = (1.0, 3.0, 6.0, 10.0)


@dataclass(frozen=True, slots=True)
class Chip:
    """A token of the text.

    item       its entry in the history; None for a token of the prompt
    item_idx   the number of entries before it
    completed  the character of which it is the last piece; empty if it is not
    score      of a token of the prompt; None while it is not known
    is_first   whether nothing comes before it, so that it never has a score
    """

    token: Token
    item: HistoryItem | None = None
    item_idx: int = 0
    completed: str = ""
    score: TokenScore | None = None
    is_first: bool = False

    @property
    def figures(self) -> TokenFigures | None:
        if self.item is not None:
            return TokenFigures.of_choice(self.item.chosen)
        return None if self.score is None else TokenFigures.of_score(self.score)

    @property
    def rank(self) -> int | None:
        """1-based."""
        if self.item is not None:
            return self.item.chosen.rank
        return None if self.score is None else self.score.rank + 1

    @property
    def surprise_level(self) -> int | None:
        """0 for at most one bit of surprise, up to 4 for more than ten. None if it is not known."""
        return None if self.figures is None else surprise_level(self.figures)

    @property
    def spoken_name(self) -> str:
        """The name for screen readers; empty if it is the text on the chip."""
        name = spoken(self.token)
        return "" if name == self.token.display_text else name

    @property
    def breaks_line(self) -> bool:
        return "\n" in self.token.token_text

    @property
    def direction(self) -> str:
        """Empty for signs that take the direction of the text."""
        return token_direction(self.token)

    @property
    def facts(self) -> str:
        """24.1% · 2.1 bits of surprise"""
        own = chosen_facts(self.item.chosen) if self.item else self.facts_of_prompt
        note = token_note(self.token)
        return " · ".join([*own, note] if note else own)

    @property
    def facts_of_prompt(self) -> list[str]:
        """The same of a token that was not drawn."""
        return [*read_facts(self), _("from the prompt")]

    @property
    def more_facts(self) -> str:
        """rank 2 · id 986 · bytes 20 6c 6f · ln p −1.42 · …"""
        parts = [
            *([] if self.rank is None else [_("rank %(rank)s") % {"rank": count(self.rank)}]),
            _("id %(token_id)s") % {"token_id": self.token.token_id},
            _("bytes %(token_bytes)s") % {"token_bytes": self.token.token_bytes.hex(" ")},
            *([log_probability_words(self.figures)] if self.figures else []),
            *([wheel_uncertainty(self.item.chosen)] if self.item else []),
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
    def token_figures(self) -> TokenFigures:
        return TokenFigures.of_choice(self.chosen)

    @property
    def sentence(self) -> str:
        """For screen readers: "space, mat, 18.0%, 2.5 bits of surprise, about 1 in 6"."""
        note = token_note(self.token)
        parts = [spoken(self.token), self.figures]
        return ", ".join([*parts, note] if note else parts)

    @property
    def figures(self) -> str:
        figures = self.token_figures
        if figures.is_removed:
            return removed_words(figures)
        parts = [percent(figures.prob), surprise_words(figures)]
        if figures.prob >= SMALLEST_PERCENT_PROB:  # below that, percent gives odds already
            parts.append(odds(figures.prob))
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


def surprise_level(figures: TokenFigures) -> int:
    surprisal_bits = figures.surprisal_bits
    return level_of(inf if surprisal_bits is None else surprisal_bits)


def level_of(surprisal_bits: float) -> int:
    """0 for less than one bit of surprise, up to 4 for ten and more."""
    return bisect_right(SURPRISE_STEPS_BITS, surprisal_bits)


def surprise_words(figures: TokenFigures) -> str:
    """2.5 bits of surprise"""
    return _("%(bits)s of surprise") % {"bits": figures.plain_surprise}


def removed_words(figures: TokenFigures) -> str:
    """The figures of a token that was not on its wheel are those of the model itself."""
    if figures.is_excluded:
        return _("not in the text that this model has counted")
    if figures.raw_prob is None:
        return _("taken off the wheel by the knobs")
    return _("taken off the wheel by the knobs; in the model itself %(share)s, %(bits)s") % {
        "share": percent(figures.raw_prob),
        "bits": surprise_words(figures),
    }


def chosen_facts(chosen: ChosenToken) -> list[str]:
    """A chosen token's probability and surprise, and whether it was drawn."""
    figures = TokenFigures.of_choice(chosen)
    on_wheel = [percent(figures.prob), surprise_words(figures)]
    return [
        *([removed_words(figures)] if figures.is_removed else on_wheel),
        *([] if chosen.is_drawn else [_("chosen by hand")]),
    ]


def read_facts(chip: Chip) -> list[str]:
    """Probability and surprise of a token that the model has read and not drawn."""
    if chip.is_first:
        return [_("nothing came before it")]
    figures = chip.figures
    return [percent(figures.prob), surprise_words(figures)] if figures else []


def log_probability_words(figures: TokenFigures) -> str:
    return _("ln p %(log_prob)s") % {"log_prob": figures.log_probability}


def wheel_uncertainty(chosen: ChosenToken) -> str:
    return _("uncertainty of its wheel %(bits)s") % {"bits": bits(chosen.entropy_bits)}


def build_chips(state: SessionState, scores: Sequence[TokenScore] | None = None) -> list[Chip]:
    """`scores`: of the prompt; None while they are not known."""
    return prompt_chips(state, scores) + chosen_chips(state)


def prompt_chips(state: SessionState, scores: Sequence[TokenScore] | None) -> list[Chip]:
    tokens = [state.token(token_id) for token_id in state.session.prompt_token_ids]
    return [
        Chip(token, completed=completed, score=score, is_first=idx == 0)
        for idx, (token, completed, score) in enumerate(
            zip(tokens, completed_from(state, 0), score_of_each(tokens, scores), strict=False)
        )
    ]


def score_of_each(
    tokens: Sequence[Token], scores: Sequence[TokenScore] | None
) -> list[TokenScore | None]:
    """The first token has no score, and no token of a prompt whose scores are not known."""
    return [None, *scores] if scores else [None] * len(tokens)


def chosen_chips(state: SessionState, first_idx: int = 0) -> list[Chip]:
    """The chips of the chosen tokens from number `first_idx` on."""
    session = state.session
    history = enumerate(session.history[first_idx:], start=first_idx)
    all_completed = completed_from(state, len(session.prompt_token_ids) + first_idx)
    return [
        Chip(token, HistoryItem(token, chosen), idx, completed)
        for (idx, chosen), completed in zip(history, all_completed, strict=True)
        for token in [state.token(chosen.token_id)]
    ]


def completed_from(state: SessionState, first_idx: int) -> list[str]:
    """For each token of the text from number `first_idx` on, the character that it completes, as it
    is displayed. A character has four bytes at most, so it begins at most three tokens before."""
    start = max(0, first_idx - 3)
    tokens = [state.token(token_id) for token_id in state.session.token_ids[start:]]
    return [display(text) for text in completed_characters(tokens)][first_idx - start :]


def build_result(state: SessionState, chosen: ChosenToken) -> Result:
    return Result(state.token(chosen.token_id), chosen, state.tokenizer.vocabulary_size)
