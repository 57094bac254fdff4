"""HTTP status and headers for each error of `wheel.errors`, shared by the API and the pages."""

from http import HTTPStatus

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
