"""HTTP status, headers and JSON for each error of `wheel.errors`, for the API and the pages."""

from http import HTTPStatus
from typing import Any

from wheel import errors

STATUS_BY_BASE_CLASS: dict[type[errors.TokenWheelError], HTTPStatus] = {
    errors.InvalidInputError: HTTPStatus.BAD_REQUEST,
    errors.MissingError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.ThrottledError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: errors.TokenWheelError) -> HTTPStatus:
    """500 for an error outside the table."""
    return next(
        (
            status
            for base_class, status in STATUS_BY_BASE_CLASS.items()
            if isinstance(error, base_class)
        ),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def headers_of(error: errors.TokenWheelError) -> dict[str, str]:
    """`Retry-After`, in seconds, for errors that may pass; otherwise no headers."""
    if isinstance(error, (errors.UnavailableError, errors.ThrottledError)):
        return {"Retry-After": str(error.retry_after_s)}
    return {}


def error_answer(
    detail: str, code: str, fields: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    """The JSON of every error. `fields` holds a list of sentences for each invalid field."""
    answer: dict[str, Any] = {"detail": detail, "code": code}
    return answer | {"errors": fields} if fields else answer


def answer_of(error: errors.TokenWheelError) -> dict[str, Any]:
    fields = error.errors if isinstance(error, errors.InvalidFieldsError) else None
    return error_answer(error.detail, error.code, fields)
