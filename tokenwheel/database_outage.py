"""One sentence for a command that the database does not answer."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from wheel.database_errors import OUTAGE_ERRORS, database_problem


@contextmanager
def exit_on_database_outage() -> Iterator[None]:
    """End the process with status 1 and a sentence that names the variable. Django's option
    `--traceback` shows the traceback."""
    try:
        yield
    except OUTAGE_ERRORS as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(database_problem("is set up and answers", error))
