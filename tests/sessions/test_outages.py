"""Log lines about a database that does not answer."""

import logging

import pytest
from django.db import OperationalError, ProgrammingError

from wheel.errors import StoreUnavailableError
from wheel.sessions.outages import log_failure

logger = logging.getLogger("tests")
REFUSED = "connection refused\n\tIs the server running?"


def logged(caplog, error):
    with caplog.at_level(logging.WARNING):
        log_failure(logger, "rows could not be written", error)
    (record,) = caplog.records
    return record


def test_an_outage_is_one_line(caplog):
    record = logged(caplog, OperationalError(REFUSED))
    assert record.message == "rows could not be written: connection refused Is the server running?"
    assert record.exc_info is None


def test_the_line_gives_the_cause_of_a_store_that_does_not_answer(caplog):
    with pytest.raises(StoreUnavailableError) as caught:
        raise StoreUnavailableError from ConnectionError("connection refused")
    assert logged(caplog, caught.value).message.endswith(": connection refused")


def test_any_other_error_has_its_traceback(caplog):
    assert logged(caplog, ProgrammingError("no such column")).exc_info is not None
