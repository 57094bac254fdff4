"""The pages. Each validates, calls one service, and answers; without JavaScript every change is
a POST, a redirect and a page."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from wheel import services
from wheel.domain.wheel_session import ChosenToken
from wheel.errors import (
    ConflictError,
    InvalidFieldsError,
    InvalidInputError,
    TokenWheelError,
)
from wheel.pages.examples import EXAMPLE_PROMPTS
from wheel.pages.forms import (
    ChooseForm,
    PromptForm,
    RevForm,
    SettingsForm,
    SpinForm,
    StartForm,
    sentence,
    sentences,
)
from wheel.pages.problems import is_for_stage, status_of, tell_problems, with_retry_after
from wheel.pages.stage import Notes, StageAnswer, answer_stage, load_stage

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
        session_id = begin(form.cleaned_data["prompt"], form.cleaned_data["model"])
    except TokenWheelError as error:
        form.add_problem(error)
        return with_retry_after(start_page(request, form, status=status_of(error)), error)
    return redirect("wheel", session_id)


def start_page(request: HttpRequest, form: StartForm, *, status: int = 200) -> HttpResponse:
    models = sorted(services.list_models(), key=lambda model: not model.is_available)
    context = {
        "form": form,
        "models": models,
        "chosen_model": form.data.get("model"),
        "can_start": any(model.is_available for model in models),
        "example_prompts": EXAMPLE_PROMPTS,
    }
    return render(request, "pages/start.html", context, status=status)


def begin(prompt: str, model_id: str) -> str:
    """The id of a new session with this prompt; where the prompt is refused, no session stays."""
    session_id = services.start_session(model_id=model_id or None).session_id
    try:
        services.set_prompt(session_id=session_id, prompt=prompt)
    except TokenWheelError:
        services.delete_session(session_id=session_id)
        raise
    return session_id


@gzip_page
@never_cache
@require_safe
@tell_problems
def show_wheel(request: HttpRequest, session_id: str) -> HttpResponse:
    """The wheel page. The knobs are its query; those that are not given stay as they are."""
    form = SettingsForm(request.GET)
    if form.is_valid():
        try:
            return answer_stage(request, StageAnswer(load_stage(session_id, form.overrides())))
        except InvalidFieldsError as error:
            form.add_problem(error)
    notes = Notes(settings_form=form)
    return answer_stage(request, StageAnswer(load_stage(session_id), notes, status=400))


@gzip_page
@never_cache
@tell_problems
def spin(request: HttpRequest, session_id: str) -> HttpResponse:
    def spin_once(form: SpinForm) -> ChosenToken:
        return services.spin(
            session_id=session_id, overrides=form.overrides(), rev=form.cleaned_data["rev"]
        ).chosen

    return change(request, session_id, SpinForm, spin_once)


@gzip_page
@never_cache
@tell_problems
def choose(request: HttpRequest, session_id: str) -> HttpResponse:
    def append(form: ChooseForm) -> None:
        services.append_token(
            session_id=session_id,
            token_id=form.cleaned_data["token_id"],
            overrides=form.overrides(),
            rev=form.cleaned_data["rev"],
        )

    return change(request, session_id, ChooseForm, append)


@gzip_page
@never_cache
@tell_problems
def undo(request: HttpRequest, session_id: str) -> HttpResponse:
    def undo_last(form: RevForm) -> None:
        services.undo(session_id=session_id, rev=form.cleaned_data["rev"])

    return change(request, session_id, RevForm, undo_last)


@gzip_page
@never_cache
@tell_problems
def set_prompt(request: HttpRequest, session_id: str) -> HttpResponse:
    def start_over(form: PromptForm) -> None:
        services.set_prompt(
            session_id=session_id,
            prompt=form.cleaned_data["prompt"],
            rev=form.cleaned_data["rev"],
        )

    return change(request, session_id, PromptForm, start_over)


def change(
    request: HttpRequest,
    session_id: str,
    form_class: type[AnyForm],
    carry_out: Callable[[AnyForm], ChosenToken | None],
) -> HttpResponse:
    """Change a session as a form asks, and show what has become of it. What cannot be done is
    said on the page of the session as it is. `carry_out` returns the token a spin stopped at."""
    if request.method != "POST":
        return redirect("wheel", session_id)
    form = form_class(request.POST)
    if not form.is_valid():
        return refuse(request, session_id, form, sentences(form), status=400)
    try:
        landed = carry_out(form)
    except (InvalidInputError, ConflictError) as error:
        return refuse(request, session_id, form, sentence(error), status=status_of(error))
    if is_for_stage(request):
        settings = form.overrides() if isinstance(form, SpinForm) else None  # this page's knobs
        stage = load_stage(session_id, settings)
        return answer_stage(request, StageAnswer(stage, Notes(landed=landed)))
    return redirect("wheel", session_id)


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
