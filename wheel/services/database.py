"""Errors of the database, as services raise them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from wheel.errors import StoreUnavailableError


@contextmanager
def database_errors_translated() -> Iterator[None]:
    """Raise `StoreUnavailableError` if the database does not answer."""
    try:
        yield
    except DatabaseError as error:
        raise StoreUnavailableError from error
