"""Words of the branches of a story: their names, texts and totals."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.chosen_token import ChosenToken
from wheel.domain.token import Token, decode
from wheel.pages.panels.figures import TokenFigures
from wheel.pages.words.endings import text_ending
from wheel.pages.words.numbers import bits, count

MAX_ENDING_LEN = 32
MAX_SNIPPET_TOKENS = 16
REPLACEMENT = "\ufffd"  # of a character whose other bytes are cut off


def branch_name(number: int) -> str:
    return _("Branch %(number)s") % {"number": count(number)}


def tokens_words(num_tokens: int) -> str:
    return ngettext("%(number)s token", "%(number)s tokens", num_tokens) % {
        "number": count(num_tokens)
    }


def branches_words(num_branches: int) -> str:
    return ngettext("%(number)s branch", "%(number)s branches", num_branches) % {
        "number": count(num_branches)
    }


def ending_of(tokens: Sequence[Token]) -> str:
    """The end of a text, on one line."""
    last = tokens[-2 * MAX_ENDING_LEN :]
    return text_ending(" ".join(text_of(last).strip(REPLACEMENT).split()), MAX_ENDING_LEN)


def snippet_of(tokens: Sequence[Token]) -> str:
    """The beginning of a continuation, on one line."""
    text = " ".join(text_of(tokens[:MAX_SNIPPET_TOKENS]).split())
    is_cut = len(tokens) > MAX_SNIPPET_TOKENS
    return f"{text.rstrip(REPLACEMENT)}…" if is_cut else text


def text_of(tokens: Sequence[Token]) -> str:
    return decode(b"".join(token.token_bytes for token in tokens))


def total_bits(steps: Sequence[ChosenToken]) -> float | None:
    """The surprise of all tokens together, each as the pages show it; None if that of one is not
    known."""
    surprisals = [TokenFigures.of_choice(step).surprisal_bits for step in steps]
    known = [surprisal for surprisal in surprisals if surprisal is not None]
    return sum(known) if len(known) == len(surprisals) else None


def bits_words(total: float | None) -> str:
    return _("not known") if total is None else bits(total)
