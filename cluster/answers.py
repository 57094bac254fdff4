"""HTTP answers of a replica.

They are in a module of their own: `serve.ingress` copies the functions of the module of its class
as they are when the class is made.
"""

from http import HTTPStatus

from fastapi import Response

from wheel.errors import (
    ContextFullError,
    EngineBusyError,
    EngineFailedError,
    ModelUnavailableError,
    TokenWheelError,
)
from wheel.remote_engine import protocol

BYTES, JSON = "application/octet-stream", "application/json"
STATUSES: dict[type[TokenWheelError], HTTPStatus] = {  # of the errors in `protocol.ERRORS`
    ContextFullError: HTTPStatus.BAD_REQUEST,
    EngineBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    EngineFailedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    ModelUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def unauthorised() -> Response:
    return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})


def error_response(error: TokenWheelError) -> Response:
    status = STATUSES.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    retry_after_s = getattr(error, "retry_after_s", None)
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Response(protocol.encode_error(error), status, headers, JSON)
