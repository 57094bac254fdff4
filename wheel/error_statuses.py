"""What the errors of `wheel.errors` are in HTTP: one table, for the API and the pages."""

from http import HTTPStatus

from wheel import errors

STATUS_BY_FAMILY: dict[type[errors.TokenWheelError], HTTPStatus] = {
    errors.InvalidInputError: HTTPStatus.BAD_REQUEST,
    errors.MissingError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.ThrottledError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: errors.TokenWheelError) -> HTTPStatus:
    return next(
        (status for family, status in STATUS_BY_FAMILY.items() if isinstance(error, family)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def headers_of(error: errors.TokenWheelError) -> dict[str, str]:
    """`Retry-After` where trying again later may help."""
    if isinstance(error, (errors.UnavailableError, errors.ThrottledError)):
        return {"Retry-After": str(error.retry_after_s)}
    return {}
