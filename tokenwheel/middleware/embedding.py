"""Students' pages in frames of other sites, such as a learning platform (`FRAME_ANCESTORS`).

The admin, the teachers' pages of a classroom, the API and its documentation can never be framed: a
site could lay them under its own page and lead clicks to them (clickjacking).
"""

from http.cookies import Morsel
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern

from tokenwheel.middleware import GetResponse
from tokenwheel.middleware.endpoints import endpoint_of
from wheel.pages.urls import urlpatterns

FRAME_DESTINATIONS = ("iframe", "frame", "object", "embed")
# Those of the students. The teacher's are included by them, and are patterns of their own.
PAGE_NAMES = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}


def allow_framing(get_response: GetResponse) -> GetResponse:
    """Middleware. Must be inside of CSPMiddleware and outside of all other middleware that answers
    requests or sets X-Frame-Options, so that errors can be read in a frame too.

    Sets `request.is_in_frame`, with which templates open pages that cannot be framed in a tab.
    """
    if not settings.FRAME_ANCESTORS:
        raise MiddlewareNotUsed
    get_page: GetResponse = csp_replace({"frame-ancestors": settings.FRAME_ANCESTORS})(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if endpoint_of(request).name not in PAGE_NAMES:
            return get_response(request)
        is_in_frame = request.headers.get("Sec-Fetch-Dest") in FRAME_DESTINATIONS
        request.is_in_frame = is_in_frame  # type: ignore[attr-defined]
        response = get_page(request)
        response.headers.pop("X-Frame-Options", None)  # has no form for several origins
        partition_cookies(response)
        return response

    return middleware


def partition_cookies(response: HttpResponseBase) -> None:
    """Let browsers keep the cookies of a page inside a frame, apart for each site that frames it
    (CHIPS). Cookies of any other name, such as a teacher's login, stay as they are."""
    names = (
        settings.CSRF_COOKIE_NAME,
        settings.WHEEL_COOKIE_NAME,
        settings.TEXT_SIZE_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
    )
    for name in names:
        if name in response.cookies:
            response.cookies[name] = PartitionedMorsel(response.cookies[name])


class PartitionedMorsel(Morsel[str]):
    """A cookie with the attribute `Partitioned`, which `http.cookies` lacks before Python 3.14."""

    def __init__(self, cookie: Morsel[str]) -> None:
        super().__init__()
        self.set(cookie.key, cookie.value, cookie.coded_value)
        self.update(cookie)
        self.update({"samesite": "None", "secure": "true"})  # browsers demand both

    def OutputString(self, attrs: Any = None) -> str:  # noqa: N802 - the name in http.cookies
        return f"{super().OutputString(attrs)}; Partitioned"
