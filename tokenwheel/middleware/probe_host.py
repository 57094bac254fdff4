"""Probes are answered whatever their Host header says (decision 0024).

Load balancers, orchestrators and Prometheus request an address, which is none of `ALLOWED_HOSTS`.
The answers of probes contain nothing that depends on the host.
"""

from django.http import HttpRequest, HttpResponseBase

from tokenwheel.middleware import GetResponse
from tokenwheel.middleware.endpoints import endpoint_of
from wheel.probes import PROBES

ALWAYS_ALLOWED_HOST = "localhost"


def ignore_host_of_probes(get_response: GetResponse) -> GetResponse:
    """Middleware, before all code that reads the host. Every other endpoint still refuses hosts
    that are not allowed."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if endpoint_of(request).name in PROBES:
            request.META["HTTP_HOST"] = ALWAYS_ALLOWED_HOST
        return get_response(request)

    return middleware
