"""The language that a visitor chose: a cookie, and the form that sets it.

The middleware that reads the cookie is `tokenwheel.middleware.language`.
"""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import View

from wheel.pages.cookies import ONE_YEAR, own_address, set_page_cookie


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=lambda: settings.LANGUAGES)
    next = forms.CharField(required=False)


class LanguageView(View):
    """Stores the language and leads back to the page that the form was sent from. A GET only leads
    to the start page; an unknown language changes nothing."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("start")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LanguageForm(request.POST)
        is_valid = form.is_valid()
        response = redirect(own_address(request, form.cleaned_data.get("next", "")))
        if is_valid:
            name, language = settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"]
            set_page_cookie(request, response, name, language, ONE_YEAR)
        return response


def languages(request: HttpRequest) -> dict[str, object]:
    """Context processor: the codes and names of the languages."""
    return {"languages": settings.LANGUAGES}
