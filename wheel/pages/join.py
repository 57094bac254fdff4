"""The page for joining a class.

A link may contain the code, from a QR code for example; then one tap joins. Joining itself takes a
POST. A browser that is in the class already is offered its own wheel, instead of a second member.
"""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from wheel.error_statuses import status_of
from wheel.errors import TokenWheelError
from wheel.pages import recent
from wheel.pages.forms import JoinForm
from wheel.pages.problems import render_errors, with_retry_after
from wheel.services import Classroom, Member, classrooms


@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
@render_errors
def join(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and not request.GET.get("code"):
        return join_page(request, JoinForm())
    form = JoinForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return join_page(request, form, status=400)
    try:
        return answer_code(request, form)
    except TokenWheelError as error:
        form.add_problem(error)
        return with_retry_after(join_page(request, form, status=status_of(error)), error)


def answer_code(request: HttpRequest, form: JoinForm) -> HttpResponse:
    """Joins, unless the request only asks for the page, or the browser has a member already and
    does not ask for another."""
    classroom = classrooms.find_classroom(form.cleaned_data["code"])
    own_members: Sequence[Member] = []
    if not form.cleaned_data["is_another"]:
        session_ids = recent.read_cookie(request)
        own_members = classrooms.find_members(classroom, session_ids)
    if request.method != "POST" or own_members:
        return join_page(request, form, classroom, own_members)
    session_id = classrooms.add_member(classroom).session.session_id
    return recent.add_session(request, redirect("wheel", session_id), session_id)


def join_page(
    request: HttpRequest,
    form: JoinForm,
    classroom: Classroom | None = None,
    own_members: Sequence[Member] = (),
    *,
    status: int = 200,
) -> HttpResponse:
    """With a classroom: one tap to join it. Else a field for the code."""
    context = {"join_form": form, "classroom": classroom, "own_members": own_members}
    return render(request, "pages/join.html", context, status=status)
