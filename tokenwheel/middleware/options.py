"""Answers to OPTIONS at addresses whose views do not know this method."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from tokenwheel.middleware import GetResponse


def answer_options(get_response: GetResponse) -> GetResponse:
    """Middleware. OPTIONS is answered with 200 and the methods that the address allows: views
    refuse it like any other method, and name those that they do allow."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_refused = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        if request.method != "OPTIONS" or not is_refused:
            return response
        allowed = [method for method in response["Allow"].split(", ") if method != "OPTIONS"]
        return HttpResponse(headers={"Allow": ", ".join([*allowed, "OPTIONS"])})

    return middleware
