"""Handlers that turn errors into responses of one shape: {"detail": sentence, "code": word}."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from wheel import errors, services
from wheel.api.answers import HistoryPart, session_answer
from wheel.error_statuses import answer_of, error_answer, headers_of, status_of
from wheel.probes import HEALTH, READY

API_PROBES = (f"/{HEALTH}", f"/{READY}")
CODE_BY_STATUS = {
    400: "invalid",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "throttled",
}


def answer_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler. Returns None for an error of the server itself, which
    Django logs and answers with 500.

    The response is JSON even if the view renders a page or a schema.
    """
    request = context["request"]
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
    match error:
        case errors.TokenWheelError():
            return answer_own_error(error, request.query_params.get("history", HistoryPart.ALL))
        case ValidationError():
            fields = sentences_by_field(error.detail)
            detail = " ".join(f"{name}: {' '.join(fields[name])}" for name in fields)
            return Response(error_answer(detail, "invalid", fields), status=400)
        case APIException():
            return answer_framework_error(error)
        case Http404():
            return Response(error_answer("There is nothing at this address.", "not_found"), 404)
        case SuspiciousOperation():
            return Response(error_answer("The request is not valid.", "invalid"), status=400)
    return None


def answer_own_error(error: errors.TokenWheelError, history: str = HistoryPart.ALL) -> Response:
    """`history` is the query parameter. Views that raise a `StaleRevisionError` have checked it."""
    if isinstance(error, errors.StaleRevisionError):
        return answer_stale_revision(error, HistoryPart(history))
    return Response(answer_of(error), status=status_of(error), headers=headers_of(error))


def answer_stale_revision(error: errors.StaleRevisionError, part: HistoryPart) -> Response:
    """The error together with the current session."""
    try:
        state = services.get_session(session_id=error.session_id)
    except errors.TokenWheelError as later_error:  # the session has been deleted since
        return answer_own_error(later_error)
    answer = answer_of(error) | session_answer(state, part)
    return Response(answer, status=status_of(error))


def answer_framework_error(error: APIException) -> Response:
    code = CODE_BY_STATUS.get(error.status_code, error.default_code)
    wait = getattr(error, "wait", None)
    headers = {"Retry-After": str(max(1, round(wait)))} if wait is not None else {}
    return Response(error_answer(str(error.detail), code), error.status_code, headers=headers)


def sentences_by_field(detail: Any) -> dict[str, list[str]]:
    """REST framework's error details as a list of plain sentences for each field."""
    if not isinstance(detail, dict):
        detail = {"body": detail}
    return {
        "body" if name == "non_field_errors" else str(name): [str(sentence) for sentence in texts]
        for name, texts in detail.items()
    }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if is_api(request):
        return JsonResponse(error_answer("The request is not valid.", "invalid"), status=400)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    if is_api(request):
        sentence = "Something went wrong on the server. It has been logged."
        return JsonResponse(error_answer(sentence, "server_error"), status=500)
    return defaults.server_error(request)


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/") or request.path_info in API_PROBES
