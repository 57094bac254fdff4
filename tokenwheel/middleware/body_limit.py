"""Limits on request bodies, checked before a body is read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from tokenwheel.middleware import GetResponse
from wheel.error_statuses import error_answer

MAX_DIGITS = 18  # a longer number is above any limit, and int() refuses the longest


def limit_request_body(get_response: GetResponse) -> GetResponse:
    """Middleware. Refuse bodies that are too long, and those of unknown length: Django would treat
    the latter as empty. Texts are decoded as UTF-8, whatever codec a request names."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.encoding = "utf-8"
        return refuse_body(request) or get_response(request)

    return middleware


def refuse_body(request: HttpRequest) -> HttpResponse | None:
    """An answer with status 411 or 413, or None for a body that may be read."""
    length, limit = request.META.get("CONTENT_LENGTH"), settings.WHEEL_MAX_BODY_BYTES
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        sentence = "The request must say its length in a Content-Length header."
        return JsonResponse(error_answer(sentence, "length_required"), status=411)
    if length and length.isdecimal() and (len(length) > MAX_DIGITS or int(length) > limit):
        sentence = f"The request body has {length} bytes; at most {limit} are allowed."
        return JsonResponse(error_answer(sentence, "payload_too_large"), status=413)
    return None
