"""Cookies of the pages, which only the server reads, and the way back from forms that set them."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

ONE_YEAR = timedelta(days=365)


def set_page_cookie(
    request: HttpRequest, response: HttpResponse, name: str, value: str, max_age: timedelta
) -> HttpResponse:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=settings.SESSION_COOKIE_PATH,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def own_address(request: HttpRequest, address: str) -> str:
    """The address of the page that the form was sent from, or of the start page if it is none of
    this site's."""
    is_own = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return address if is_own else reverse("start")
