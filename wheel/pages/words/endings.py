"""Ends of texts, cut at the beginning of a word."""

from wheel.pages.words.spoken import spoken_text


def text_ending(text: str, max_len: int) -> str:
    """The text without the spaces around it; if it is longer than `max_len` characters, its end
    after an ellipsis."""
    text = text.strip()
    if len(text) <= max_len:
        return text
    end = text[-max_len:]
    return "…" + (end.partition(" ")[2] or end)


def spoken_ending(text: str, max_len: int) -> str:
    """The same for screen readers, on one line. Signs alone are named, since a screen reader skips
    them."""
    ending = text_ending(" ".join(text.split()), max_len)
    return ending if any(map(str.isalnum, ending)) else spoken_text(ending)
