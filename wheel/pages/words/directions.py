r"""Directions of texts and of tokens, decided by their own letters.

A browser would decide by all that is shown, also by escapes such as `\xd8`, whose Latin letters are
no part of the text.
"""

import unicodedata

from wheel.domain.token import Token

RIGHT_TO_LEFT_ISOLATE, POP_ISOLATE = "\u2067", "\u2069"


def first_strong_direction(text: str) -> str:
    """ "rtl" if the first letter belongs to a right-to-left script, "ltr" if to another one, else
    "". Source: Unicode Standard Annex 9, rules P2 and P3."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return ""


def text_direction(text: str) -> str:
    return first_strong_direction(text) or "ltr"


def token_direction(token: Token) -> str:
    r""" "ltr" for a token with an escape such as `\xd8`, which is read from the left in any text.
    Empty for signs without a direction, which take that of the text around them."""
    return "ltr" if "\\" in token.display_text else first_strong_direction(token.token_text)


def isolated(token: Token) -> str:
    """The token with everything visible, for a sentence without elements, such as a tooltip. One
    that is read from the right is between the signs that isolate it from the words around it."""
    if token_direction(token) != "rtl":
        return token.display_text
    return f"{RIGHT_TO_LEFT_ISOLATE}{token.display_text}{POP_ISOLATE}"
