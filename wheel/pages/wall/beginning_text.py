"""The text of a beginning, of which only the end is decoded."""

from wheel.domain.token import decode
from wheel.pages.words.endings import text_ending
from wheel.services.classrooms import Beginning

MAX_TOKENS = 60
REPLACEMENT = "\ufffd"  # of a character whose first bytes are cut off


def beginning_text(beginning: Beginning, max_len: int) -> str:
    """Its end, on one line, at most `max_len` characters after an ellipsis."""
    last = beginning.token_ids[-MAX_TOKENS:]
    tokens = beginning.tokenizer.tokens
    text = decode(b"".join(tokens[token_id].token_bytes for token_id in last))
    if len(last) < len(beginning.token_ids):
        text = "…" + text.lstrip(REPLACEMENT)
    return text_ending(" ".join(text.split()), max_len)
