"""Spoken names of tokens and texts, for screen readers: "space, mat", "full stop", "byte d8".

A screen reader skips most signs and reads "␣" differently on every system. The names here are used
in every accessible name and announcement, beside the visible text with its signs.
"""

import re
import unicodedata
from itertools import groupby

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wheel.domain.token import INVISIBLE, Token

register = template.Library()

MAX_SINGLE_SIGNS = 2  # equal signs in a row that are named one by one

# Most tokens: letters and digits, perhaps after a space.
PLAIN = re.compile(r"( ?)([^\W_]+)")

SIGN_NAMES = {
    " ": gettext_lazy("space"),
    "\n": gettext_lazy("line break"),
    "\t": gettext_lazy("tab"),
    "\xa0": gettext_lazy("no-break space"),
    ".": gettext_lazy("full stop"),
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    ":": gettext_lazy("colon"),
    "!": gettext_lazy("exclamation mark"),
    "?": gettext_lazy("question mark"),
    "…": gettext_lazy("ellipsis"),
    "'": gettext_lazy("apostrophe"),
    "’": gettext_lazy("apostrophe"),
    "‘": gettext_lazy("opening single quote"),
    '"': gettext_lazy("quotation mark"),
    "“": gettext_lazy("opening quotation mark"),
    "”": gettext_lazy("closing quotation mark"),
    "«": gettext_lazy("opening quotation mark"),
    "»": gettext_lazy("closing quotation mark"),
    "(": gettext_lazy("opening bracket"),
    ")": gettext_lazy("closing bracket"),
    "[": gettext_lazy("opening square bracket"),
    "]": gettext_lazy("closing square bracket"),
    "{": gettext_lazy("opening brace"),
    "}": gettext_lazy("closing brace"),
    "<": gettext_lazy("less than"),
    ">": gettext_lazy("greater than"),
    "-": gettext_lazy("hyphen"),
    "–": gettext_lazy("en dash"),
    "—": gettext_lazy("dash"),
    "_": gettext_lazy("underscore"),
    "/": gettext_lazy("slash"),
    "\\": gettext_lazy("backslash"),
    "|": gettext_lazy("vertical bar"),
    "*": gettext_lazy("asterisk"),
    "&": gettext_lazy("ampersand"),
    "@": gettext_lazy("at sign"),
    "#": gettext_lazy("number sign"),
    "%": gettext_lazy("percent sign"),
    "$": gettext_lazy("dollar sign"),
    "+": gettext_lazy("plus"),
    "=": gettext_lazy("equals"),
    "~": gettext_lazy("tilde"),
    "^": gettext_lazy("caret"),
    "`": gettext_lazy("backtick"),
    "␣": gettext_lazy("sign for a space"),
    "↵": gettext_lazy("sign for a line break"),
    "⇥": gettext_lazy("sign for a tab"),
}


@register.filter
def spoken(token: Token) -> str:
    """The name of a token: "space, Paris"; "full stop"; "bytes d8 a7" for parts of characters."""
    if token.is_special:
        return _("special token %(name)s") % {"name": token.display_text.strip("<|>")}
    return spoken_bytes(token.token_bytes)


def spoken_text(text: str) -> str:
    """A text with its signs named: "space, Paris, comma"."""
    return spoken_bytes(text.encode("utf-8", errors="surrogateescape"))


def spoken_bytes(token_bytes: bytes) -> str:
    text = token_bytes.decode("utf-8", errors="surrogateescape")
    if plain := PLAIN.fullmatch(text):
        return f"{_('space')}, {plain[2]}" if plain[1] else plain[2]
    parts = [
        part
        for kind, characters in groupby(text, key=kind_of)
        for part in spoken_run(kind, "".join(characters))
    ]
    return ", ".join(parts)


def kind_of(character: str) -> str:
    """ "byte", "word", or the sign itself, so that only equal signs form a run."""
    if "\udc80" <= character <= "\udcff":
        return "byte"
    return character if has_name(character) else "word"


def has_name(character: str) -> bool:
    """Whether a name replaces the character: a known sign, or one that cannot be seen. Marks join
    the letter before them."""
    if character in SIGN_NAMES:
        return True
    return not character.isprintable() or INVISIBLE.match(character) is not None


def spoken_run(kind: str, run: str) -> list[str]:
    if kind == "word":
        return [run]
    if kind == "byte":
        return [spoken_byte_run(run.encode("utf-8", errors="surrogateescape"))]
    name = sign_name(kind)
    if len(run) <= MAX_SINGLE_SIGNS:
        return [name] * len(run)
    return [_("%(number)s times %(sign)s") % {"number": len(run), "sign": name}]


def spoken_byte_run(pieces: bytes) -> str:
    return ngettext("byte %(bytes)s", "bytes %(bytes)s", len(pieces)) % {"bytes": pieces.hex(" ")}


def sign_name(sign: str) -> str:
    """The name of a sign; for an invisible character its name in Unicode, or else its number."""
    if sign in SIGN_NAMES:
        return str(SIGN_NAMES[sign])
    return unicodedata.name(sign, "").lower() or f"U+{ord(sign):04X}"
