"""Serving under a path of another site, such as https://school.example/tw/ (`URL_PREFIX`).

`settings.FORCE_SCRIPT_NAME` puts the prefix in front of all addresses that are made here. A proxy
may pass the prefix on or remove it; both kinds of requests are answered alike. No header changes
the prefix: a client could send it.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from tokenwheel.middleware import GetResponse


def remove_url_prefix(get_response: GetResponse) -> GetResponse:
    """Middleware, before all code that looks at the path."""
    prefix = settings.URL_PREFIX
    if not prefix:
        return get_response

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if f"{request.path_info}/".startswith(f"{prefix}/"):
            request.path_info = request.path_info.removeprefix(prefix) or "/"
        request.path = prefix + request.path_info
        return get_response(request)

    return middleware
