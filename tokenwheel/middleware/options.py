"""Answers to OPTIONS at addresses whose views do not know this method."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from tokenwheel.middleware import GetResponse
from tokenwheel.middleware.content import with_content


def answer_options(get_response: GetResponse) -> GetResponse:
    """Middleware. OPTIONS is answered with 200 and the methods that the address allows: views
    refuse it like any other method, and name those that they do allow."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_refused = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        if request.method != "OPTIONS" or not is_refused:
            return response
        allowed = [method for method in response["Allow"].split(", ") if method != "OPTIONS"]
        answer = with_content(response, HTTPStatus.OK)
        answer["Allow"] = ", ".join([*allowed, "OPTIONS"])
        return answer

    return middleware
