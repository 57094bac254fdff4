"""Serving under a path of another site, such as https://school.example/tw/ (`URL_PREFIX`).

`settings.FORCE_SCRIPT_NAME` puts the prefix in front of all addresses that are made here. A proxy
may pass the prefix on or remove it; both kinds of requests are answered alike. No header changes
the prefix: a client could send it.
"""

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase

from tokenwheel.middleware import GetResponse


def remove_url_prefix(get_response: GetResponse) -> GetResponse:
    """Middleware, before all code that looks at the path."""
    prefix = settings.URL_PREFIX
    if not prefix:
        return get_response

    def middleware(request: HttpRequest) -> HttpResponseBase:
        path = received_path(request)
        if f"{path}/".startswith(f"{prefix}/"):
            path = path.removeprefix(prefix) or "/"
        request.path_info = path
        request.path = prefix + request.path_info
        return get_response(request)

    return middleware


def received_path(request: HttpRequest) -> str:
    """The path as the server has received it. Under ASGI Django has removed the prefix already, and
    from `/two` too."""
    if isinstance(request, ASGIRequest):
        return str(request.scope["path"])
    return request.path_info
