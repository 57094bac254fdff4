"""Answers of the pages to the errors of `wheel.errors`.

A problem is an error with a sentence for students, beside the wheel or on a separate page.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from wheel import errors
from wheel.error_statuses import answer_of, headers_of, status_of
from wheel.pages.words.messages import sentence

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponse]


def errors_answered_by(
    answer: Callable[[HttpRequest, errors.TokenWheelError], HttpResponse],
) -> Callable[[View[Params]], View[Params]]:
    """A decorator of views: the errors of `wheel.errors` that a view raises become answers."""

    def decorate(view: View[Params]) -> View[Params]:
        @wraps(view)
        def wrapped(
            request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs
        ) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except errors.TokenWheelError as error:
                return answer(request, error)

        return wrapped

    return decorate


def json_error(_request: HttpRequest, error: errors.TokenWheelError) -> JsonResponse:
    """The error as the API answers it."""
    return JsonResponse(answer_of(error), status=status_of(error), headers=headers_of(error))


def render_error(request: HttpRequest, error: errors.TokenWheelError) -> HttpResponse:
    """The error beside the unchanged wheel for htmx, else on a separate page."""
    is_fragment = is_htmx_request(request)
    context = {
        "problem": sentence(error),
        "is_missing": isinstance(error, errors.MissingError),
        "retry_after_s": getattr(error, "retry_after_s", None),
    }
    template = "pages/_problem.html" if is_fragment else "pages/problem.html"
    response = render(request, template, context, status=status_of(error))
    if is_fragment:
        retarget(response, "#problem", "innerHTML")
    return with_retry_after(response, error)


# Decorator of a view whose answers are pages.
render_errors = errors_answered_by(render_error)


def with_retry_after(response: HttpResponse, error: errors.TokenWheelError) -> HttpResponse:
    for name, value in headers_of(error).items():
        response[name] = value
    return response


def retarget(response: HttpResponse, selector: str, swap_style: str) -> None:
    """Set the element that the answer replaces. The page's scripts insert an answer with an error
    status only if it names one."""
    response["HX-Retarget"] = selector
    response["HX-Reswap"] = swap_style


def is_htmx_request(request: HttpRequest) -> bool:
    """Whether htmx sent the request, for a part of the wheel page."""
    return request.headers.get("HX-Request") == "true"
