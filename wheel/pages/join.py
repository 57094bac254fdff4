"""The page for joining a class. A link may fill in the code; joining itself takes a POST."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from wheel.error_statuses import status_of
from wheel.errors import TokenWheelError
from wheel.pages import recent
from wheel.pages.forms import JoinForm
from wheel.pages.problems import render_errors, with_retry_after
from wheel.services import classrooms


@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
@render_errors
def join(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return join_page(request, JoinForm(initial={"code": request.GET.get("code", "")}))
    form = JoinForm(request.POST)
    if not form.is_valid():
        return join_page(request, form, status=400)
    try:
        session = classrooms.join_classroom(code=form.cleaned_data["code"]).session
    except TokenWheelError as error:
        form.add_problem(error)
        return with_retry_after(join_page(request, form, status=status_of(error)), error)
    return recent.add_session(request, redirect("wheel", session.session_id), session.session_id)


def join_page(request: HttpRequest, form: JoinForm, *, status: int = 200) -> HttpResponse:
    return render(request, "pages/join.html", {"join_form": form}, status=status)
