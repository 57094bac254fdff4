"""Cookies of the pages, which only the server reads."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse


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
