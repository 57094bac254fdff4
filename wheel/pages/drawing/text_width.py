"""Width of a text without a browser: estimates for a semibold book or sans face."""

import unicodedata
from functools import lru_cache

AVERAGE_WIDTH = 0.6  # em
EAST_ASIAN_WIDTH = 1.05
WIDTHS = {
    **dict.fromkeys("ijl.,:;'!|", 0.38),
    **dict.fromkeys('frtI()[]-"/ ', 0.48),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ&+=<>#", 0.72),
    "…": 0.9,
    **dict.fromkeys("mwMW@%—↵⇥", 1.0),
}
ELLIPSIS = "…"


@lru_cache(maxsize=4096)  # a label is tried in many sizes and places
def text_width(text: str) -> float:
    """The width in em, seldom too small."""
    return sum(character_width(character) for character in text)


def character_width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return EAST_ASIAN_WIDTH
    return WIDTHS.get(character, AVERAGE_WIDTH)


def shorten(text: str, max_width: float) -> str:
    """The beginning of the text with an ellipsis, at most `max_width` em wide; the text itself if
    it is narrow enough."""
    if text_width(text) <= max_width:
        return text
    room = max_width - text_width(ELLIPSIS)
    num_kept = 0
    for character in text:
        room -= character_width(character)
        if room < 0:
            break
        num_kept += 1
    return text[:num_kept] + ELLIPSIS


def num_columns(text: str) -> int:
    """Width in average characters. East Asian characters and emoji count twice."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
