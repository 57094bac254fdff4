"""HTTP answers of a replica.

They are in a module of their own: `serve.ingress` copies the functions of the module of its class
as they are when the class is made.
"""

from http import HTTPStatus

from fastapi import Response

from wheel.errors import TokenWheelError
from wheel.remote_engine import protocol
from wheel.remote_engine.answers import JSON, status_of


def unauthorised() -> Response:
    return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})


def error_response(error: TokenWheelError) -> Response:
    retry_after_s = getattr(error, "retry_after_s", None)
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Response(protocol.encode_error(error), status_of(error), headers, JSON)
