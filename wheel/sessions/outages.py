"""Log lines about a database or store that does not answer."""

import logging

from wheel.database_errors import OUTAGE_ERRORS, on_one_line
from wheel.errors import StoreUnavailableError


def log_failure(logger: logging.Logger, what: str, error: Exception) -> None:
    """One line for an outage, whose traceback says nothing and would repeat with every request; a
    traceback for any other error."""
    if isinstance(error, (*OUTAGE_ERRORS, StoreUnavailableError)):
        logger.warning("%s: %s", what, on_one_line(error.__cause__ or error))
    else:
        logger.warning(what, exc_info=error)
