"""The pages. Each validates, calls one service, and answers; without JavaScript every change is
a POST, a redirect and a page."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from wheel import services
from wheel.error_statuses import status_of
from wheel.errors import (
    ConflictError,
    InvalidFieldsError,
    InvalidInputError,
    TokenWheelError,
)
from wheel.pages import recent
from wheel.pages.forms import (
    ChooseForm,
    FindForm,
    JoinForm,
    OpeningForm,
    PromptForm,
    RevForm,
    RewindForm,
    SettingsForm,
    SpinForm,
    StartForm,
    sentences,
)
from wheel.pages.landing import Landing
from wheel.pages.panels.finder import FoundToken, find_tokens
from wheel.pages.problems import (
    is_for_stage,
    retarget,
    tell_problems,
    with_retry_after,
)
from wheel.pages.stage import (
    Notes,
    Place,
    Stage,
    StageAnswer,
    answer_stage,
    build_stage,
    load_stage,
)
from wheel.pages.words.examples import EXAMPLE_PROMPTS
from wheel.pages.words.messages import sentence
from wheel.services import SessionState

AnyForm = TypeVar("AnyForm", bound=RevForm)


@gzip_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@tell_problems
def start(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return start_page(request, StartForm(initial={"prompt": request.GET.get("prompt", "")}))
    form = StartForm(request.POST)
    if not form.is_valid():
        return start_page(request, form, status=400)
    try:
        session = services.start_text(
            prompt=form.cleaned_data["prompt"], model_id=form.cleaned_data["model"] or None
        )
    except TokenWheelError as error:
        form.add_problem(error)
        return with_retry_after(start_page(request, form, status=status_of(error)), error)
    return recent.remember(request, redirect("wheel", session.session_id), session.session_id)


def start_page(request: HttpRequest, form: StartForm, *, status: int = 200) -> HttpResponse:
    models = sorted(services.list_models(), key=lambda model: not model.is_available)
    shelf = recent.look_up(request)
    context = {
        "form": form,
        "join_form": JoinForm(),
        "is_deleted": "deleted" in request.GET,
        "recent_wheels": shelf.wheels,
        "models": models,
        "chosen_model": form.data.get("model"),
        "can_start": any(model.is_available for model in models),
        "example_prompts": EXAMPLE_PROMPTS,
    }
    response = render(request, "pages/start.html", context, status=status)
    return recent.forget(request, response, shelf.gone_ids)


@gzip_page
@never_cache
@require_safe
@tell_problems
@recent.remember_shown
def show_wheel(request: HttpRequest, session_id: str) -> HttpResponse:
    """The wheel page. The knobs are its query, and the part of the wheel that is opened; knobs
    that are not given stay as they are."""
    form, opening_form = SettingsForm(request.GET), OpeningForm(request.GET)
    if not opening_form.is_valid():
        notes = Notes(problem=sentences(opening_form))
        return answer_stage(request, StageAnswer(load_stage(session_id), notes, status=400))
    if form.is_valid():
        place = Place(**opening_form.cleaned_data)
        try:
            stage = load_stage(session_id, form.overrides(), place)
            return answer_stage(request, StageAnswer(stage))
        except InvalidFieldsError as error:
            form.add_problem(error)
    notes = Notes(settings_form=form)
    return answer_stage(request, StageAnswer(load_stage(session_id), notes, status=400))


@gzip_page
@never_cache
@tell_problems
def spin(request: HttpRequest, session_id: str) -> HttpResponse:
    """Its answer to htmx is only where the wheel stops: the page asks for the next wheel by
    itself, while this one is still turning."""

    def spin_once(form: SpinForm) -> Landing:
        step = services.spin(
            session_id=session_id, overrides=form.overrides(), rev=form.cleaned_data["rev"]
        )
        assert step.view is not None
        return Landing(step.after, step.view, step.chosen)

    return change(request, session_id, SpinForm, spin_once)


@gzip_page
@never_cache
@tell_problems
def choose(request: HttpRequest, session_id: str) -> HttpResponse:
    def append(form: ChooseForm) -> SessionState:
        return services.append_token(
            session_id=session_id,
            token_id=form.cleaned_data["token_id"],
            overrides=form.overrides(),
            rev=form.cleaned_data["rev"],
        ).after

    return change(request, session_id, ChooseForm, append)


@gzip_page
@never_cache
@tell_problems
def undo(request: HttpRequest, session_id: str) -> HttpResponse:
    def undo_last(form: RevForm) -> SessionState:
        return services.undo(session_id=session_id, rev=form.cleaned_data["rev"]).after

    return change(request, session_id, RevForm, undo_last)


@gzip_page
@never_cache
@tell_problems
def redo(request: HttpRequest, session_id: str) -> HttpResponse:
    def redo_next(form: RevForm) -> SessionState:
        return services.redo(session_id=session_id, rev=form.cleaned_data["rev"]).after

    return change(request, session_id, RevForm, redo_next)


@gzip_page
@never_cache
@tell_problems
def rewind(request: HttpRequest, session_id: str) -> HttpResponse:
    """Back to just before the token that was clicked."""

    def go_back(form: RewindForm) -> SessionState:
        num_kept, rev = form.cleaned_data["num_kept"], form.cleaned_data["rev"]
        return services.rewind(session_id=session_id, num_kept=num_kept, rev=rev)

    return change(request, session_id, RewindForm, go_back)


@gzip_page
@never_cache
@tell_problems
def set_prompt(request: HttpRequest, session_id: str) -> HttpResponse:
    def start_over(form: PromptForm) -> SessionState:
        return services.set_prompt(
            session_id=session_id,
            prompt=form.cleaned_data["prompt"],
            rev=form.cleaned_data["rev"],
        )

    return change(request, session_id, PromptForm, start_over)


@gzip_page
@never_cache
@tell_problems
def delete(request: HttpRequest, session_id: str) -> HttpResponse:
    if request.method != "POST":
        return redirect("wheel", session_id)
    services.delete_session(session_id=session_id)
    response = redirect(f"{reverse('start')}?deleted")
    return recent.forget(request, response, [session_id])


@gzip_page
@never_cache
@tell_problems
def find(request: HttpRequest, session_id: str) -> HttpResponse:
    """Where a typed text's first token lies. A POST, so that the text is in no log of addresses;
    it changes nothing."""
    if request.method != "POST":
        return redirect("wheel", session_id)
    form, stage = FindForm(request.POST), load_stage(session_id)
    found = look_for(stage, form)
    status = 400 if form.errors else 200
    more = {"found": found, "find_form": form, "stage": stage}
    if is_for_stage(request):
        response = render(request, "pages/_found.html", more, status=status)
        retarget(response, "#found", "innerHTML")
        return response
    return answer_stage(request, StageAnswer(stage, status=status, more=more))


def look_for(stage: Stage, form: FindForm) -> list[FoundToken]:
    if not form.is_valid() or stage.view is None:
        return []
    try:
        return find_tokens(stage.view, form.cleaned_data["text"])
    except InvalidFieldsError as error:
        form.add_error("text", sentence(error))
        return []


def change(
    request: HttpRequest,
    session_id: str,
    form_class: type[AnyForm],
    carry_out: Callable[[AnyForm], Landing | SessionState],
) -> HttpResponse:
    """Change a session as a form asks, and show what has become of it. What cannot be done is
    said on the page of the session as it is. `carry_out` returns the session as it has become, or
    where a spin stopped."""
    if request.method != "POST":
        return redirect("wheel", session_id)
    form = form_class(request.POST)
    if not form.is_valid():
        return refuse(request, session_id, form, sentences(form), status=400)
    try:
        outcome = carry_out(form)
    except (InvalidInputError, ConflictError) as error:
        return refuse(request, session_id, form, sentence(error), status=status_of(error))
    if not is_for_stage(request):
        return redirect("wheel", session_id)
    if isinstance(outcome, Landing):
        context = {"landing": outcome, "is_opened": form.cleaned_data.get("is_opened")}
        return render(request, "pages/_landing.html", context)
    settings = form.overrides() if isinstance(form, SpinForm) else None  # this page's knobs
    return answer_stage(request, StageAnswer(build_stage(outcome, settings)))


def refuse(
    request: HttpRequest, session_id: str, form: RevForm, problem: str, *, status: int
) -> HttpResponse:
    """The page as it is, with the problem beside the prompt if it is about that, else the wheel."""
    notes = Notes(problem=problem)
    if isinstance(form, PromptForm) and status == 400 and "rev" not in form.errors:
        if not form.errors:
            form.add_error("prompt", problem)
        notes = Notes(prompt_form=form)
    return answer_stage(request, StageAnswer(load_stage(session_id), notes, status=status))
