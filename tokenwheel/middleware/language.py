"""The language of an answer (decision 0043).

Pages follow the cookie of the language menu, else the browser's Accept-Language. The API and the
probes are English whatever the client accepts.
"""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from tokenwheel.middleware import GetResponse
from wheel.api.error_handlers import is_api

API_LANGUAGE = "en"
# Languages whose readers read a translation into another one.
READ_AS = {"no": "nb", "nn": "nb"}


def activate_language(get_response: GetResponse) -> GetResponse:
    """Middleware. Must be outside of all middleware that answers with pages, so that refusals have
    the language too, and inside of WhiteNoise, whose files do not vary."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if is_api(request):
            with translation.override(API_LANGUAGE):
                return get_response(request)
        language = language_of(request)
        with translation.override(language):
            response = get_response(request)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def language_of(request: HttpRequest) -> str:
    """The first language that this site is translated into, of those that the client names."""
    for code in requested_codes(request):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def requested_codes(request: HttpRequest) -> Iterator[str]:
    """Codes such as "de-at": of the cookie, then of Accept-Language, best first."""
    yield request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            return
        yield READ_AS.get(code.partition("-")[0], code)
