"""The Permissions-Policy header, which no package in use sets."""

from django.http import HttpRequest, HttpResponseBase

from tokenwheel.middleware import GetResponse

UNUSED_DEVICES = "camera=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()"


def permissions_policy(get_response: GetResponse) -> GetResponse:
    """Middleware. No page uses these devices, so the header denies them to injected scripts too."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Permissions-Policy"] = UNUSED_DEVICES
        return response

    return middleware
