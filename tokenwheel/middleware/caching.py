"""The Cache-Control and ETag headers of answers. docs/API_DESIGN.md has the table."""

import json
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import (
    add_never_cache_headers,
    get_conditional_response,
    set_response_etag,
)

from tokenwheel.middleware import GetResponse
from tokenwheel.middleware.content import with_content
from wheel.error_statuses import error_answer


def set_cache_headers(get_response: GetResponse) -> GetResponse:
    """Middleware. An answer is stored by no cache unless its view, or WhiteNoise for a file, says
    otherwise with Cache-Control; those of views get an ETag, and 304 if the client has it.

    Errors are never stored. Unlike Django's ConditionalGetMiddleware, HEAD has the ETag of GET.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = with_etag(request, get_response(request))
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            del response["Cache-Control"], response["Expires"]
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return middleware


def with_etag(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer with an ETag, or 304 or 412 by the conditions of the request. Unchanged if no
    cache may store it, or if it is a file, which has an ETag already."""
    is_read = request.method in ("GET", "HEAD") and response.status_code == HTTPStatus.OK
    is_stored = response.has_header("Cache-Control") and "no-store" not in response["Cache-Control"]
    if not (is_read and is_stored and isinstance(response, HttpResponse)):
        return response
    set_response_etag(response)
    conditional = get_conditional_response(request, response["ETag"], response=response)
    status = (conditional or response).status_code
    if status == HTTPStatus.NOT_MODIFIED:
        return with_content(response, status)
    if status == HTTPStatus.PRECONDITION_FAILED:
        sentence = "The answer is not the one that the request's condition names."
        error = json.dumps(error_answer(sentence, "precondition_failed"))
        del response["ETag"]
        return with_content(response, status, error, "application/json")
    return response
