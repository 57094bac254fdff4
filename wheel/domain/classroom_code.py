"""Classroom codes: six characters that are easy to read from a board and to type on a phone."""

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0, O, 1, I and L, which look alike
CODE_LEN = 6

SPACES_AND_DASHES = re.compile(r"[\s\-\u2010-\u2015]+")  # keyboards replace - by other dashes


def new_code() -> str:
    """One of 31^6 (887 million) codes, from the operating system's random numbers, so that codes
    are hard to guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LEN))


def normalize_code(typed: str) -> str:
    """A typed code as it is stored: in capitals, without spaces and hyphens."""
    return SPACES_AND_DASHES.sub("", typed).upper()


def is_code(text: str) -> bool:
    """Whether a class could have this code."""
    return len(text) == CODE_LEN and set(text) <= set(ALPHABET)
