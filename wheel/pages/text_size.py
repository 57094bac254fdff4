"""The text size that a visitor chose for a projector: a cookie, and the form that sets it.

The cookie holds one of three words. Any other value counts as the first.
"""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from wheel.pages.problems import is_htmx_request

TEXT_SIZES = ("normal", "large", "largest")
ONE_YEAR_S = 365 * 24 * 3600


class TextSizeForm(forms.Form):
    size = forms.ChoiceField(choices=[(size, size) for size in TEXT_SIZES])
    next = forms.CharField(required=False)


class TextSizeView(View):
    """Stores the size. A script gets an empty answer, a form the page it was sent from. A GET, such
    as a reload after an error, only leads to the start page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("start")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TextSizeForm(request.POST)
        is_valid = form.is_valid()
        response = answer(request, form.cleaned_data.get("next", ""), is_valid=is_valid)
        if is_valid:
            write_cookie(request, response, form.cleaned_data["size"])
        return response


def answer(request: HttpRequest, address: str, *, is_valid: bool) -> HttpResponse:
    if is_htmx_request(request):
        return HttpResponse(status=204 if is_valid else 400)
    is_own = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return redirect(address if is_own else reverse("start"))


def write_cookie(request: HttpRequest, response: HttpResponse, size: str) -> None:
    response.set_cookie(
        settings.TEXT_SIZE_COOKIE_NAME,
        size,
        max_age=ONE_YEAR_S,
        path=settings.SESSION_COOKIE_PATH,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def text_size(request: HttpRequest) -> dict[str, object]:
    """Context processor: the chosen size."""
    size = request.COOKIES.get(settings.TEXT_SIZE_COOKIE_NAME)
    return {"text_size": size if size in TEXT_SIZES else TEXT_SIZES[0]}
