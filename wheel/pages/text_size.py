"""The text size that a visitor chose for a projector: a cookie, and the form that sets it.

The cookie holds one of three words. Any other value counts as the first.
"""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import View

from wheel.pages.cookies import ONE_YEAR, own_address, set_page_cookie
from wheel.pages.problems import is_htmx_request

TEXT_SIZES = ("normal", "large", "largest")


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
            name, size = settings.TEXT_SIZE_COOKIE_NAME, form.cleaned_data["size"]
            set_page_cookie(request, response, name, size, ONE_YEAR)
        return response


def answer(request: HttpRequest, address: str, *, is_valid: bool) -> HttpResponse:
    if is_htmx_request(request):
        return HttpResponse(status=204 if is_valid else 400)
    return redirect(own_address(request, address))


def text_size(request: HttpRequest) -> dict[str, object]:
    """Context processor: the chosen size."""
    size = request.COOKIES.get(settings.TEXT_SIZE_COOKIE_NAME)
    return {"text_size": size if size in TEXT_SIZES else TEXT_SIZES[0]}
