"""Numbers of tokens and segments, and ranges of ranks, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.pages.words.numbers import count, plain_number


def other_text(num_other: int) -> str:
    """49,149 other tokens"""
    return ngettext("%(number)s other token", "%(number)s other tokens", num_other) % {
        "number": count(num_other)
    }


def narrow_text(num_narrow: int) -> str:
    """48,952 narrow segments"""
    return ngettext("%(number)s narrow segment", "%(number)s narrow segments", num_narrow) % {
        "number": count(num_narrow)
    }


def ranks_text(first_rank: int, end_rank: int) -> str:
    """ "ranks 46–58" of 0-based ranks, the end not included."""
    return _("ranks %(first)s–%(last)s") % {"first": count(first_rank + 1), "last": count(end_rank)}


def knob_sentence(knob: str | Promise, value: float, num_segments: int) -> str:
    """ "Temperature 0.7: 12 tokens with a segment of their own" """
    return ngettext(
        "%(knob)s %(value)s: %(number)s token with a segment of its own",
        "%(knob)s %(value)s: %(number)s tokens with a segment of their own",
        num_segments,
    ) % {"knob": knob, "value": plain_number(value), "number": count(num_segments)}
