"""Keys of drawn parts, by which a script finds the same part in the next drawing.

A key is the same in all processes of the server. It is a keyed hash, so that a page's markup has no
tokens that its pictures do not show.
"""

from collections.abc import Iterable

from django.utils.crypto import salted_hmac

SALT = "wheel.pages.wall.keys"
KEY_LEN = 10  # hexadecimal digits


def key_of(token_ids: Iterable[int]) -> str:
    """The key of a beginning with these tokens."""
    value = ",".join(map(str, token_ids))
    return salted_hmac(SALT, value, algorithm="sha256").hexdigest()[:KEY_LEN]
