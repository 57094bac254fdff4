"""A token as people meet it: an id, its bytes, and two ways of writing them down."""

import re
from dataclasses import dataclass
from math import inf, log
from typing import Self

VISIBLE_WHITESPACE = {" ": "␣", "\n": "↵", "\t": "⇥"}
SIGNS = str.maketrans(VISIBLE_WHITESPACE)

# What Unicode counts as printable though nothing is seen: joiners, fillers, variation selectors.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


@dataclass(frozen=True, slots=True)
class Token:
    r"""One entry of a model's vocabulary.

    token_bytes   what it adds to the text; for a control token, the bytes of its name, since a
                  page has to show something when one is drawn
    token_text    the bytes as text; a piece of a character shows as U+FFFD
    display_text  the text with nothing hidden: `␣` for a space, `\xNN` for a piece of a character
    """

    token_id: int
    token_bytes: bytes
    token_text: str
    display_text: str
    is_special: bool = False

    @classmethod
    def from_bytes(cls, token_id: int, token_bytes: bytes, *, is_special: bool = False) -> Self:
        return cls(
            token_id=token_id,
            token_bytes=token_bytes,
            token_text=decode(token_bytes),
            display_text=display(token_bytes.decode("utf-8", errors="backslashreplace")),
            is_special=is_special,
        )


def display(text: str) -> str:
    """The text with nothing hidden. Most tokens have nothing to hide but a space."""
    shown = text.translate(SIGNS)
    if shown.isprintable() and not INVISIBLE.search(shown):
        return shown
    return "".join(visible(character) for character in text)


def visible(character: str) -> str:
    """The character itself where it can be seen, else a sign or an escape for it."""
    if character in VISIBLE_WHITESPACE:
        return VISIBLE_WHITESPACE[character]
    if character.isprintable() and not INVISIBLE.match(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


def decode(token_bytes: bytes) -> str:
    """The text of a whole sequence: characters may be split over tokens, so bytes are joined first.

    Only what is not UTF-8, in practice a last character still waiting for its other bytes, shows
    as U+FFFD.
    """
    return token_bytes.decode("utf-8", errors="replace")


def surprisal_bits(log_prob: float) -> float:
    """-log2(p) from natural-log `log_prob`: 1 bit at 50 %, 6.6 bits at 1 %, infinite at 0.

    Source: C. E. Shannon, "A Mathematical Theory of Communication", 1948.
    """
    return inf if log_prob == -inf else max(0.0, -log_prob / log(2))
