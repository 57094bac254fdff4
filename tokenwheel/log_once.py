"""Log an exception with its traceback once, where it would otherwise repeat at each call."""

import logging
from collections.abc import Hashable

_logged: set[Hashable] = set()


def log_exception_once(
    logger: logging.Logger, error: Exception, message: str, *subject: Hashable
) -> None:
    """Log nothing if this process has logged the same message about the same subject before."""
    if (message, *subject) not in _logged:
        _logged.add((message, *subject))
        logger.warning(message, *subject, exc_info=error)
