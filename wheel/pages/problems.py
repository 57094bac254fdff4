"""The errors of `wheel.errors` told on pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wheel import errors
from wheel.error_statuses import headers_of, status_of
from wheel.pages.words.messages import sentence

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponse]


def tell_problems(view: View[Params]) -> View[Params]:
    """Answer the errors that a view lets through: beside the wheel where htmx asked, which leaves
    the wheel on show as it is, else as a page of its own."""

    @wraps(view)
    def told(request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except errors.TokenWheelError as error:
            return answer_problem(request, error)

    return told


def answer_problem(request: HttpRequest, error: errors.TokenWheelError) -> HttpResponse:
    is_fragment = is_for_stage(request)
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


def with_retry_after(response: HttpResponse, error: errors.TokenWheelError) -> HttpResponse:
    for name, value in headers_of(error).items():
        response[name] = value
    return response


def retarget(response: HttpResponse, selector: str, swap_style: str) -> None:
    """Tell htmx where an answer goes. Of answers with an error status, the page's scripts let in
    only those that say so."""
    response["HX-Retarget"] = selector
    response["HX-Reswap"] = swap_style


def is_for_stage(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the wheel page."""
    return request.headers.get("HX-Request") == "true"
