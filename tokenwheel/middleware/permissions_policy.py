"""What every answer says about itself, beside what packages see to."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

UNUSED_DEVICES = "camera=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()"

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def permissions_policy(get_response: GetResponse) -> GetResponse:
    """No page of ours needs them, so no script that got into one can ask for them."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Permissions-Policy"] = UNUSED_DEVICES
        return response

    return middleware
