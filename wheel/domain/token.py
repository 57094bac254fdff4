"""Tokens of a model's vocabulary: id, bytes, and their text for programs and for display."""

import re
from codecs import getincrementaldecoder
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from math import inf, log
from typing import Self

# Control tokens that end a text or a turn, as most models name them.
END_OF_TEXT_NAMES = ("<|endoftext|>", "<|im_end|>")

VISIBLE_WHITESPACE = {" ": "␣", "\n": "↵", "\t": "⇥"}
SIGNS = str.maketrans(VISIBLE_WHITESPACE)

# Characters that `str.isprintable` accepts but that are invisible: joiners, fillers, variation
# selectors.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


@dataclass(frozen=True, slots=True)
class Token:
    r"""One entry of a model's vocabulary.

    token_bytes   the bytes it adds to the text; for a control token, the bytes of its name, for
                  display
    token_text    the bytes as text, with U+FFFD for a part of a character
    display_text  the text with everything visible: `␣` for a space, `\xNN` for a part of a
                  character
    ends_text     whether it is the model's sign for the end of a text or a turn
    """

    token_id: int
    token_bytes: bytes
    token_text: str
    display_text: str
    is_special: bool = False
    ends_text: bool = False

    @classmethod
    def from_bytes(
        cls,
        token_id: int,
        token_bytes: bytes,
        *,
        is_special: bool = False,
        end_of_text_names: Collection[str] = END_OF_TEXT_NAMES,
    ) -> Self:
        token_text = decode(token_bytes)
        return cls(
            token_id=token_id,
            token_bytes=token_bytes,
            token_text=token_text,
            display_text=display(token_bytes.decode("utf-8", errors="backslashreplace")),
            is_special=is_special,
            ends_text=is_special and token_text in end_of_text_names,
        )

    @property
    def is_piece(self) -> bool:
        """Whether it begins or ends within a character."""
        return "\ufffd" in self.token_text and not is_whole(self.token_bytes)


def display(text: str) -> str:
    """The text with every invisible character replaced by a sign or an escape."""
    shown = text.translate(SIGNS)  # enough for most tokens
    if shown.isprintable() and not INVISIBLE.search(shown):
        return shown
    return "".join(visible(character) for character in text)


def visible(character: str) -> str:
    """The character itself if it is visible, else a sign or an escape for it."""
    if character in VISIBLE_WHITESPACE:
        return VISIBLE_WHITESPACE[character]
    if character.isprintable() and not INVISIBLE.match(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


def decode(token_bytes: bytes) -> str:
    """The text of the joined bytes of a token sequence. A token may end within a character, so
    tokens cannot be decoded one by one.

    Invalid UTF-8 becomes U+FFFD; in practice that is a last character that is incomplete.
    """
    return token_bytes.decode("utf-8", errors="replace")


def is_whole(token_bytes: bytes) -> bool:
    """Whether the bytes are characters from the first to the last."""
    try:
        token_bytes.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def completed_characters(tokens: Iterable[Token]) -> Iterator[str]:
    """For each token, the character that earlier tokens began and that it completes, else "".

    Bytes that are no part of a character complete nothing.
    """
    decoder = getincrementaldecoder("utf-8")(errors="replace")
    for token in tokens:
        is_begun = bool(decoder.getstate()[0])
        text = decoder.decode(token.token_bytes)
        yield text[0] if is_begun and text and text[0] != "\ufffd" else ""


def surprisal_bits(log_prob: float) -> float:
    """-log2(p) from natural-log `log_prob`: 1 bit at 50 %, 6.6 bits at 1 %, infinite at 0.

    Source: C. E. Shannon, "A Mathematical Theory of Communication", 1948.
    """
    return inf if log_prob == -inf else max(0.0, -log_prob / log(2))
