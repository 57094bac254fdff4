"""The teacher's actions on a class, each a form of the wall.

Without JavaScript an action is a POST, a redirect and a page. A request of htmx gets the changed
part of the wall. The query of an action's address is the view state, which stays as it is.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from wheel.error_statuses import status_of
from wheel.errors import ClassroomNotFoundError, TokenWheelError
from wheel.models import Classroom, ClassState
from wheel.pages.announcements import announce
from wheel.pages.forms import sentences
from wheel.pages.problems import (
    is_htmx_request,
    render_error,
    render_errors,
    retarget,
    with_retry_after,
)
from wheel.pages.wall.access import of_own_classroom
from wheel.pages.wall.answer import answer_wall
from wheel.pages.wall.forms import (
    ClassPromptForm,
    GuessRoundForm,
    HideForm,
    HoldForm,
    NamesForm,
    NoFieldsForm,
    RoundForm,
    VirtualForm,
)
from wheel.pages.wall.view_state import ViewState
from wheel.pages.words.messages import sentence
from wheel.services import classrooms

FormT = TypeVar("FormT", bound=forms.Form)
View = Callable[..., HttpResponse]


def action_of(form_class: type[FormT]) -> Callable[[Callable[[Classroom, FormT], str]], View]:
    """Decorator of an action, which returns a sentence for screen readers; empty if the wall says
    what has changed. The view refuses invalid forms and shows errors beside the unchanged wall. A
    GET, such as a reload after an error, only leads to the wall."""

    def decorate(act: Callable[[Classroom, FormT], str]) -> View:
        @gzip_page
        @require_http_methods(["GET", "HEAD", "POST"])
        @render_errors
        @of_own_classroom
        @wraps(act)
        def view(request: HttpRequest, classroom: Classroom) -> HttpResponse:
            if request.method != "POST":
                return redirect_to_wall(request, classroom)
            form = form_class(request.POST)
            if not form.is_valid():
                return refuse(request, classroom, sentences(form))
            try:
                said = act(classroom, form)
            except ClassroomNotFoundError:  # deleted meanwhile, in another tab
                raise Http404 from None
            except TokenWheelError as error:
                return explain(request, classroom, error)
            if not is_htmx_request(request):
                return redirect_to_wall(request, classroom)
            return announce(answer_now(request, classroom), said)

        return view

    return decorate


def redirect_to_wall(request: HttpRequest, classroom: Classroom) -> HttpResponse:
    query = ViewState.from_query(request.GET.dict()).query
    return redirect(reverse("wall", args=[classroom.pk]) + query)


def answer_now(
    request: HttpRequest, classroom: Classroom, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The wall with the class as it is now: members change it all the time. Raises `Http404` if it
    was deleted meanwhile."""
    classroom = get_object_or_404(Classroom, pk=classroom.pk)
    view = ViewState.from_query(request.GET.dict())
    return answer_wall(request, classroom, view, problem=problem, status=status)


def explain(request: HttpRequest, classroom: Classroom, error: TokenWheelError) -> HttpResponse:
    if is_htmx_request(request):
        return render_error(request, error)
    status = status_of(error)
    page = answer_now(request, classroom, problem=sentence(error), status=status)
    return with_retry_after(page, error)


def refuse(request: HttpRequest, classroom: Classroom, problem: str) -> HttpResponse:
    if not is_htmx_request(request):
        return answer_now(request, classroom, problem=problem, status=400)
    response = render(request, "pages/_problem.html", {"problem": problem}, status=400)
    retarget(response, "#problem", "innerHTML")
    return response


@action_of(NoFieldsForm)
def freeze(classroom: Classroom, form: NoFieldsForm) -> str:
    classrooms.set_state(classroom, ClassState.FROZEN)
    return ""


@action_of(NoFieldsForm)
def resume(classroom: Classroom, form: NoFieldsForm) -> str:
    """Also of a class that has been ended."""
    classrooms.set_state(classroom, ClassState.OPEN)
    return ""


@action_of(NoFieldsForm)
def end(classroom: Classroom, form: NoFieldsForm) -> str:
    classrooms.set_state(classroom, ClassState.CLOSED)
    return ""


@action_of(NoFieldsForm)
def reset(classroom: Classroom, form: NoFieldsForm) -> str:
    return at_the_beginning(classrooms.reset_all(classroom))


@action_of(ClassPromptForm)
def set_prompt(classroom: Classroom, form: ClassPromptForm) -> str:
    data = form.cleaned_data
    return at_the_beginning(
        classrooms.set_prompt_for_all(classroom, data["prompt"], data["other_prompt"])
    )


def at_the_beginning(num_members: int) -> str:
    return ngettext(
        "%(number)s story is at its beginning.",
        "%(number)s stories are at their beginning.",
        num_members,
    ) % {"number": num_members}


@action_of(RoundForm)
def spin(classroom: Classroom, form: RoundForm) -> str:
    classrooms.spin_everyone(classroom, form.cleaned_data["round"])
    return ""


@action_of(GuessRoundForm)
def show_guesses(classroom: Classroom, form: GuessRoundForm) -> str:
    data = form.cleaned_data
    classrooms.show_guesses(classroom, data["round"], is_shown=data["is_shown"])
    return ""


@action_of(VirtualForm)
def add_virtual(classroom: Classroom, form: VirtualForm) -> str:
    classrooms.add_virtual_members(classroom, form.cleaned_data["num_added"])
    return _("Virtual members have joined.")


@action_of(NamesForm)
def set_names(classroom: Classroom, form: NamesForm) -> str:
    is_hidden = form.cleaned_data["is_hidden"]
    classrooms.set_names_hidden(classroom, is_hidden=is_hidden)
    return _("Names are hidden.") if is_hidden else _("Names are on show.")


@action_of(HideForm)
def hide(classroom: Classroom, form: HideForm) -> str:
    """Hide one story, or show it again."""
    hidden_id, shown_id = form.cleaned_data["hide"], form.cleaned_data["show"]
    if hidden_id:
        classrooms.set_story_hidden(classroom, int(hidden_id), is_hidden=True)
        return _("The story is hidden.")
    if shown_id:
        classrooms.set_story_hidden(classroom, int(shown_id), is_hidden=False)
        return _("The story is on show again.")
    return ""


@action_of(HoldForm)
def hold(classroom: Classroom, form: HoldForm) -> str:
    num_held = classrooms.hold_stories(classroom, form.cleaned_data["member_id"])
    return ngettext("%(number)s story is held up.", "%(number)s stories are held up.", num_held) % {
        "number": num_held
    }


@action_of(NoFieldsForm)
def release(classroom: Classroom, form: NoFieldsForm) -> str:
    classrooms.release_stories(classroom)
    return _("The stories are released.")
