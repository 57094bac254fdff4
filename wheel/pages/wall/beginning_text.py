"""Texts of many tokens, of which only the end is decoded."""

from collections.abc import Sequence

from wheel.domain.token import Token, decode
from wheel.pages.words.endings import text_ending
from wheel.services.classrooms import Beginning

MAX_TOKENS = 60
REPLACEMENT = "\ufffd"  # of a character whose first bytes are cut off


def beginning_text(beginning: Beginning, max_len: int) -> str:
    """Its end, on one line, at most `max_len` characters after an ellipsis."""
    text = text_of_last(beginning.tokenizer.tokens, beginning.token_ids)
    return text_ending(" ".join(text.split()), max_len)


def text_of_last(tokens: Sequence[Token], token_ids: Sequence[int]) -> str:
    """The text of the last 60 tokens, after an ellipsis if there are more. tokens: by token id."""
    last = token_ids[-MAX_TOKENS:]
    text = decode(b"".join(tokens[token_id].token_bytes for token_id in last))
    return text if len(last) == len(token_ids) else "…" + text.lstrip(REPLACEMENT)
