"""One log line, one request id and one entry in the metrics for each request."""

import logging
import re
import time
import uuid

from django.http import HttpRequest, HttpResponseBase

from tokenwheel import logs, metrics
from tokenwheel.middleware import GetResponse
from tokenwheel.middleware.endpoints import POLLED_ENDPOINTS, STATIC_FILE, endpoint_of
from wheel.probes import PROBES

logger = logging.getLogger(__name__)

VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def observe(get_response: GetResponse) -> GetResponse:
    """Middleware. Keeps the request id of a trusted proxy; `client_address` has removed the header
    from all other requests."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        request_id = given if VALID_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:16]
        token = logs.request_id.set(request_id)
        try:
            response = get_response(request)
            response["X-Request-ID"] = request_id
            record(request, response, time.perf_counter() - started)
            return response
        finally:
            logs.request_id.reset(token)

    return middleware


def record(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """Log and count the URL pattern, never the address: an address holds the id of a session, which
    is the key to it, or text that a client has sent."""
    endpoint, status = endpoint_of(request), response.status_code
    method = str(request.method) if request.method in METHODS else "OTHER"
    is_frequent = endpoint is STATIC_FILE or endpoint.name in {*PROBES, *POLLED_ENDPOINTS}
    metrics.count_request(method, endpoint.pattern, status, seconds)
    logger.log(
        logging.DEBUG if is_frequent else logging.INFO,
        "%s %s %d in %.1f ms",
        method,
        endpoint.pattern,
        status,
        seconds * 1000,
        extra={
            "method": method,
            "endpoint": endpoint.pattern,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
        },
    )
