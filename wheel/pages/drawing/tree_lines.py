"""Tokens and texts of a tree of stories in lines, and as they are read aloud."""

from collections.abc import Sequence

from wheel.domain.token import Token, decode
from wheel.pages.drawing.text_width import ELLIPSIS, shorten, text_width
from wheel.pages.words.directions import isolated
from wheel.pages.words.endings import spoken_ending
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
