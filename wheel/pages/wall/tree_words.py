"""Words of the tree of stories: shares, probabilities and stubs."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.story_tree import ProbRange
from wheel.pages.words.numbers import count, percent


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
