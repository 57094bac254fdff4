"""The last resort: what a view, a page of the admin or a middleware lets through."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from wheel.api import exceptions
from wheel.api.answers import error_answer
from wheel.errors import StoreUnavailableError
from wheel.pages import problems

DATABASE_IS_DOWN = (OperationalError, InterfaceError)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that does not answer is nobody's bug, and passes."""
    if isinstance(sys.exc_info()[1], DATABASE_IS_DOWN):
        return store_unavailable(request)
    return exceptions.server_error(request)


def store_unavailable(request: HttpRequest) -> HttpResponse:
    error = StoreUnavailableError()
    if not exceptions.is_api(request):
        return problems.answer_problem(request, error)
    answer = error_answer(error.detail, error.code)
    headers = {"Retry-After": str(error.retry_after_s)}
    return JsonResponse(answer, status=503, headers=headers)
