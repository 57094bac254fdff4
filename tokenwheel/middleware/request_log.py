"""Every request gets an id, a line in the log and a place in the metrics."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from tokenwheel import logs, metrics

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
STATIC_PREFIX = "/static/"
PROBES = {"/health", "/ready", "/metrics", "static"}
PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)(\w+)>")


def observe(get_response: GetResponse) -> GetResponse:
    """Middleware. An id that comes with a request is one of a proxy that is believed: what others
    send was thrown away before."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex[:16]
        token = logs.request_id.set(request_id)
        try:
            response = get_response(request)
            response["X-Request-ID"] = request_id
            tell(request, response, time.perf_counter() - started)
            return response
        finally:
            logs.request_id.reset(token)

    return middleware


def tell(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    method = request.method if request.method in METHODS else "OTHER"
    endpoint, status = endpoint_of(request), response.status_code
    metrics.count_request(str(method), endpoint, status, seconds)
    logger.log(
        logging.DEBUG if endpoint in PROBES else logging.INFO,
        "%s %s %d in %.1f ms",
        method,
        endpoint,
        status,
        seconds * 1000,
        extra={
            "method": method,
            "endpoint": endpoint,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
        },
    )


def endpoint_of(request: HttpRequest) -> str:
    """The pattern of the address, never the address: that is the key to somebody's session, or
    holds what somebody wrote."""
    if request.path_info.startswith(STATIC_PREFIX):
        return "static"
    match = request.resolver_match
    try:
        route = (match or resolve(request.path_info)).route
    except Resolver404:
        return "unknown"
    return "/" + PARAMETER.sub(lambda found: f"<{found[1] or found[2]}>", route).strip("^$")
