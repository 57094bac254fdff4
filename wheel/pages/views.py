"""The start page and the wheel page. The actions of the wheel page are in `wheel.pages.actions`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from wheel import services
from wheel.domain.wheel_settings import SETTING_NAMES
from wheel.error_statuses import status_of
from wheel.errors import InvalidFieldsError, SettingLockedError, TokenWheelError
from wheel.pages import recent
from wheel.pages.announcements import after_change_of_class, announce, of_part_on_show
from wheel.pages.forms import JoinForm, OpeningForm, SettingsForm, StartForm, sentences
from wheel.pages.problems import is_htmx_request, render_errors, with_retry_after
from wheel.pages.stage import OpeningTarget, Stage, load_stage
from wheel.pages.stage_answer import (
    CLASS_HEADER,
    TEXT_CHANGED,
    Notes,
    StageAnswer,
    answer_stage,
    show_locks,
)
from wheel.pages.words.examples import EXAMPLE_PROMPTS

# Shown on the start page after a redirect, by the name in its query.
NOTICES = {
    "deleted": _("Your session is deleted."),
    "cleared": _("This browser's list is empty. The texts themselves are not deleted."),
    "removed": _("This browser no longer lists that text. The text itself is not deleted."),
}


@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
@render_errors
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
    return recent.add_session(request, redirect("wheel", session.session_id), session.session_id)


def start_page(request: HttpRequest, form: StartForm, *, status: int = 200) -> HttpResponse:
    models = sorted(services.list_models(), key=lambda model: not model.is_available)
    recent_wheels = recent.load(request)
    context = {
        "form": form,
        "join_form": JoinForm(),
        "notices": notices(request),
        "recent_wheels": recent_wheels.alive,
        "models": models,
        "chosen_model": form.data.get("model"),
        "can_start": any(model.is_available for model in models),
        "example_prompts": EXAMPLE_PROMPTS,
    }
    response = render(request, "pages/start.html", context, status=status)
    return recent.remove_sessions(request, response, recent_wheels.ended_ids)


def notices(request: HttpRequest) -> list[str]:
    """`cleared` is left out when the list has wheels again."""
    names = request.GET.keys() - ({"cleared"} if recent.read_cookie(request) else set())
    return [str(text) for name, text in NOTICES.items() if name in names]


@gzip_page
@require_safe
@render_errors
@recent.add_shown_session
def show_wheel(request: HttpRequest, session_id: str) -> HttpResponse:
    """The wheel page. Its query holds the knobs and the part of the wheel to open; knobs that are
    not given stay unchanged."""
    form, opening_form = SettingsForm(request.GET), OpeningForm(request.GET)
    if not opening_form.is_valid():
        notes = Notes(problem=sentences(opening_form))
        return answer_stage(request, StageAnswer(load_stage(session_id), notes, status=400))
    if form.is_valid():
        target = OpeningTarget(**opening_form.cleaned_data)
        try:
            is_seen = request.method != "HEAD"
            stage = load_stage(session_id, form.overrides(), target, is_stored=is_seen)
            return announce_part(request, stage, answer_stage(request, StageAnswer(stage)))
        except SettingLockedError as error:
            return show_locks(request, session_id, error)
        except InvalidFieldsError as error:
            form.add_problem(error)
    stage = load_stage(session_id)
    notes = Notes(settings_form=form) if stage.view else Notes(problem=sentences(form))
    return answer_stage(request, StageAnswer(stage, notes, status=400))


def announce_part(request: HttpRequest, stage: Stage, answer: HttpResponse) -> HttpResponse:
    """Announce the part of the wheel on show after a link of the page, or what has changed after a
    request that follows the class. Requests with knobs have another subject."""
    if changed := request.headers.get(CLASS_HEADER):
        is_text_new = changed == TEXT_CHANGED
        return announce(answer, after_change_of_class(stage.state, is_text_new=is_text_new))
    is_from_link = is_htmx_request(request) and request.GET.keys().isdisjoint(SETTING_NAMES)
    return announce(answer, of_part_on_show(stage)) if is_from_link else answer
