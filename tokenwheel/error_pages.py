"""Errors that no view answers: those of middleware, and the last resort."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from wheel.api import error_handlers
from wheel.error_statuses import headers_of
from wheel.errors import StoreUnavailableError, TokenWheelError
from wheel.pages import problems

logger = logging.getLogger(__name__)

DATABASE_IS_DOWN = (OperationalError, InterfaceError)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that does not answer is nobody's bug, and passes."""
    error = sys.exc_info()
    if isinstance(error[1], DATABASE_IS_DOWN):
        logger.warning("the database does not answer", exc_info=error)
        return tell(request, StoreUnavailableError())
    return error_handlers.server_error(request)


def tell(request: HttpRequest, error: TokenWheelError) -> HttpResponse:
    """In the API's shape or as a page, by who asked."""
    if not error_handlers.is_api(request):
        return problems.answer_problem(request, error)
    answer = error_handlers.answer_own_error(error)
    return JsonResponse(answer.data, status=answer.status_code, headers=headers_of(error))
