"""Answers to errors that no view handles: those of middleware, and uncaught exceptions."""

import logging
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse

from tokenwheel.http_limits import is_for_lack_of_descriptors
from tokenwheel.middleware.endpoints import endpoint_of
from wheel.api import error_handlers
from wheel.database_errors import OUTAGE_ERRORS
from wheel.error_statuses import headers_of, status_of
from wheel.errors import OverloadedError, StoreUnavailableError, TokenWheelError
from wheel.pages import problems
from wheel.sessions.outages import log_failure

JSON_ENDPOINTS = ("knob-steps",)  # of the pages, read by a script

logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`. A database that does not answer, or a lack of file descriptors, is an
    outage, not a bug: 503."""
    error = sys.exc_info()[1]
    if is_for_lack_of_descriptors(error):
        logger.warning("no file descriptor is left")
        return answer_overload(request)
    if isinstance(error, OUTAGE_ERRORS):
        log_failure(logger, "the database does not answer", error)
        return answer_error(request, StoreUnavailableError())
    return error_handlers.server_error(request)


def answer_overload(request: HttpRequest) -> HttpResponse:
    """A line of plain text if not even the template of the page can be read."""
    error = OverloadedError()
    try:
        return answer_error(request, error)
    except OSError:
        return HttpResponse(error.detail, "text/plain", status_of(error), headers=headers_of(error))


def answer_error(request: HttpRequest, error: TokenWheelError) -> HttpResponse:
    """JSON for requests to the API and for those of scripts, a page for all others."""
    if endpoint_of(request).name in JSON_ENDPOINTS:
        return problems.json_error(request, error)
    if not error_handlers.is_api(request):
        return problems.render_error(request, error)
    answer = error_handlers.answer_own_error(error)
    return JsonResponse(answer.data, status=answer.status_code, headers=headers_of(error))
