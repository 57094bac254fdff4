"""Log lines about a database or store that does not answer."""

import logging

from django.db import InterfaceError, OperationalError

from wheel.errors import StoreUnavailableError

OUTAGES = (OperationalError, InterfaceError, StoreUnavailableError)


def log_failure(logger: logging.Logger, what: str, error: Exception) -> None:
    """One line for an outage, whose traceback says nothing and would repeat with every request; a
    traceback for any other error."""
    if isinstance(error, OUTAGES):
        logger.warning("%s: %s", what, " ".join(str(error.__cause__ or error).split()))
    else:
        logger.warning(what, exc_info=error)
