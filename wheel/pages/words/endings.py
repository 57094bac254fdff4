"""Ends of texts, cut at the beginning of a word."""


def text_ending(text: str, max_len: int) -> str:
    """The text without the spaces around it; if it is longer than `max_len` characters, its end
    after an ellipsis."""
    text = text.strip()
    if len(text) <= max_len:
        return text
    end = text[-max_len:]
    return "…" + (end.partition(" ")[2] or end)
