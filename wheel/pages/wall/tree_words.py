"""Words of the tree of stories: shares, probabilities, stubs, and texts in lines."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.story_tree import ProbRange
from wheel.domain.token import Token, decode
from wheel.pages.drawing.text_width import ELLIPSIS, shorten, text_width
from wheel.pages.words.directions import isolated
from wheel.pages.words.endings import spoken_ending
from wheel.pages.words.numbers import count, percent
from wheel.pages.words.spoken import spoken

THIN_SPACE = "\u2009"  # thin space: spaces of the text are signs
MAX_SPOKEN_SINGLY = 4


def in_lines(
    tokens: Sequence[Token], line_width: float, max_lines: int, gap: str = THIN_SPACE
) -> tuple[list[str], int]:
    """The first tokens in lines that are at most `line_width` em wide, and the number of tokens
    that are left out. The last line ends with an ellipsis if there are any."""
    lines, width = [""], 0.0
    for idx, token in enumerate(tokens):
        shown = shorten(token.display_text, line_width)
        text = isolated(token) if shown == token.display_text else shown
        token_width = text_width(shown) + text_width(gap) / 2
        if lines[-1] and width + token_width > line_width:
            if len(lines) == max_lines:
                lines[-1] += ELLIPSIS
                return lines, len(tokens) - idx
            lines.append("")
            width = 0.0
        lines[-1] += (gap if lines[-1] else "") + text
        width += token_width
    return lines, 0


def in_words(text: str, line_width: float, max_lines: int) -> list[str]:
    """A text in lines that are at most `line_width` em wide; the last ones if there are more."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer) > line_width:
            lines.append(shorten(word, line_width))
        else:
            lines[-1] = shorten(longer, line_width)
    if len(lines) > max_lines:
        lines = lines[-max_lines:]
        lines[0] = lines[0] if lines[0].startswith(ELLIPSIS) else ELLIPSIS + lines[0]
    return lines


def spoken_run(tokens: Sequence[Token]) -> str:
    """The tokens as they are read aloud: a few one by one, more of them as a text."""
    if len(tokens) <= MAX_SPOKEN_SINGLY:
        return "; ".join(spoken(token) for token in tokens)
    text = decode(b"".join(token.token_bytes for token in tokens))
    return spoken_ending(text, len(text))


def model_words(probs: ProbRange | None) -> str:
    """ "model 18.0%", or "model 12.0%–18.0%" if the knobs differed."""
    if probs is None:
        return ""
    lowest, highest = percent(probs.lowest), percent(probs.highest)
    share = lowest if lowest == highest else f"{lowest}–{highest}"
    return _("model %(share)s") % {"share": share}


def share_words(num_members: int, num_all: int) -> str:
    """12 of 30"""
    return _("%(number)s of %(all)s") % {"number": count(num_members), "all": count(num_all)}


def here_words(num_members: int) -> str:
    return ngettext("%(number)s is here", "%(number)s are here", num_members) % {
        "number": count(num_members)
    }


def stories_words(num_stories: int) -> str:
    return ngettext("%(number)s story", "%(number)s stories", num_stories) % {
        "number": count(num_stories)
    }


def alone_words(num_stories: int) -> str:
    return ngettext(
        "%(number)s story goes on alone", "%(number)s stories go on alone", num_stories
    ) % {"number": count(num_stories)}


def hidden_words(num_stories: int) -> str:
    return ngettext(
        "%(number)s hidden story goes on", "%(number)s hidden stories go on", num_stories
    ) % {"number": count(num_stories)}


def more_words(num_branches: int, num_stories: int) -> str:
    """…and 12 more branches of 31 stories"""
    branches = ngettext(
        "…and %(number)s more branch", "…and %(number)s more branches", num_branches
    ) % {"number": count(num_branches)}
    return _("%(branches)s, %(stories)s") % {
        "branches": branches,
        "stories": stories_words(num_stories),
    }


def more_tokens_words(num_tokens: int) -> str:
    return ngettext("+%(number)s token", "+%(number)s tokens", num_tokens) % {
        "number": count(num_tokens)
    }


def joined(parts: Iterable[str]) -> str:
    """The parts that are not empty, with dots between them."""
    return " · ".join(part for part in parts if part)
