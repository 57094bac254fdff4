"""One sentence for a command that the database does not answer."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import InterfaceError, OperationalError

DATABASE_DOWN_ERRORS = (OperationalError, InterfaceError)


@contextmanager
def exit_on_database_outage() -> Iterator[None]:
    """End the process with status 1 and a sentence that names the variable. Django's option
    `--traceback` shows the traceback."""
    try:
        yield
    except DATABASE_DOWN_ERRORS as error:
        if "--traceback" in sys.argv:
            raise
        variable = "DATABASE_URL" if settings.DATABASE_URL else "TOKENWHEEL_DATA_DIR"
        reason = " ".join(str(error).split()).rstrip(".?")
        sys.exit(f"{variable} must lead to a database that is set up and answers: {reason}.")
