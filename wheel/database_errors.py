"""Errors of the database: those of an outage, and sentences that name its variable."""

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError

OUTAGE_ERRORS = (OperationalError, InterfaceError)


def database_problem(expected: str, error: Error) -> str:
    """A sentence for a command that ends, such as `DATABASE_URL must lead to a database that
    answers: connection refused.`"""
    variable = "DATABASE_URL" if settings.DATABASE_URL else "TOKENWHEEL_DATA_DIR"
    reason = on_one_line(error).rstrip(".?")
    return f"{variable} must lead to a database that {expected}: {reason}."


def on_one_line(error: BaseException) -> str:
    """The text of an error. That of a database may have several lines."""
    return " ".join(str(error).split())
