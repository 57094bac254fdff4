"""The code of a classroom: six characters that can be read from a board and typed on a phone."""

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that could be taken for 0, O, 1, I or L
CODE_LEN = 6

IGNORED = re.compile(r"[\s\-\u2010-\u2015]+")  # spaces, and the dashes that keyboards make


def new_code() -> str:
    """One of 31^6 (887 million), from the operating system's random numbers: its length is what
    guards a class against guessing."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LEN))


def normalize_code(typed: str) -> str:
    """A code as it is stored: in any case, with spaces and hyphens, it is the same code."""
    return IGNORED.sub("", typed).upper()
