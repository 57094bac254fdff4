"""Lesson "One word changed": two texts, or two models, side by side (decision 0046).

The second text is in a session of its own, whose id is in the query. A POST changes one of the
texts.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wheel import services
from wheel.domain.wheel_session import WheelSession
from wheel.error_statuses import status_of
from wheel.errors import ConflictError, InvalidInputError, TokenWheelError
from wheel.pages.announcements import announce
from wheel.pages.forms import PromptField, PromptForm, sentences
from wheel.pages.lessons.forms import BeginForm, PredictionForm
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.session_lesson import BeginView, ExperimentView, SessionLesson
from wheel.pages.lessons.two_wheels import FIRST, SECOND, TwoWheels, text_form
from wheel.pages.problems import is_htmx_request, retarget, with_retry_after
from wheel.pages.words.messages import sentence
from wheel.services import SessionState

LESSON = Lesson(
    key="one-word-changed",
    title=gettext_lazy("One word changed"),
    summary=gettext_lazy("Two texts that differ in one word, and their wheels side by side."),
    question=gettext_lazy(
        "Only one word differs: “doctor” or “nurse”. How much of the wheel goes to other tokens?"
    ),
    choices=(
        Choice("little", gettext_lazy("Less than a tenth: it is the same grammar")),
        Choice("some", gettext_lazy("Between a tenth and a half")),
        Choice("most", gettext_lazy("More than half: everything depends on that word")),
    ),
    look_for=gettext_lazy(
        "Look for “his” and “her”: the texts name neither a man nor a woman. Then change "
        "one word of your own, and look for a word that moves the wheel a lot and one that hardly "
        "moves it."
    ),
    why=gettext_lazy(
        "The model has learned from nothing but texts, so it repeats what they say about people, "
        "whether it is fair or not."
    ),
    minutes=15,
    prompt="The doctor took off",
)
OTHER_PROMPT = "The nurse took off"
NO_SIDE = "Say which of the two texts is to be changed."
SOME_FROM, MOST_FROM = 0.1, 0.5  # total variation distance


class TwoTextsForm(BeginForm):
    """Both texts, and the model of each."""

    other_prompt = PromptField()
    other_model = forms.CharField(required=False)

    def __init__(self, lesson: Lesson, *args: Any, prompt: str = "", **kwargs: Any) -> None:
        super().__init__(lesson, *args, **kwargs)
        self.initial["prompt"] = prompt or lesson.prompt
        self.initial["other_prompt"] = prompt or OTHER_PROMPT

    @property
    def models(self) -> list[services.ModelStatus]:
        """Those to choose from; none if there is only one."""
        available = [model for model in services.list_models() if model.is_available]
        return available if len(available) > 1 else []


class TwoTextsView(BeginView):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = TwoTextsForm(self.page.lesson, request.POST)
        if not form.is_valid():
            return self.show(form, status=400)
        first = self.start(form, "prompt", "model")
        if isinstance(first, TokenWheelError):
            return self.refuse(form, first)
        second = self.start(form, "other_prompt", "other_model")
        if isinstance(second, TokenWheelError):
            services.delete_session(session_id=first.session_id)
            return self.refuse(form, second)
        query = {"prediction": form.cleaned_data["prediction"], "other": second.session_id}
        return redirect(address_of(first.session_id, query))

    def start(self, form: TwoTextsForm, prompt: str, model: str) -> WheelSession | TokenWheelError:
        data = form.cleaned_data
        try:
            return services.start_text(prompt=data[prompt], model_id=data[model] or None)
        except TokenWheelError as error:
            form.add_error(prompt, sentence(error))
            return error

    def refuse(self, form: TwoTextsForm, error: TokenWheelError) -> HttpResponse:
        return with_retry_after(self.show(form, status=status_of(error)), error)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(TwoTextsForm(self.page.lesson))

    def show(self, form: BeginForm, *, status: int = 200) -> HttpResponse:
        return show_begin(self.request, self.page.lesson, form, status=status)


def show_begin(
    request: HttpRequest, lesson: Lesson, form: BeginForm, *, status: int = 200
) -> HttpResponse:
    context = {"lesson": lesson, "form": form}
    return render(request, "lessons/two_texts.html", context, status=status)


def address_of(session_id: str, query: dict[str, str]) -> str:
    return f"{reverse(LESSON.experiment_url_name, args=[session_id])}?{urlencode(query)}"


class OtherForm(PredictionForm):
    """`other`: the id of the session with the second text."""

    other = forms.CharField(required=False, max_length=100)


class TwoWheelsView(ExperimentView):
    """Without a second session, the page that begins the lesson, with this session's text."""

    def get(self, request: HttpRequest, session_id: str) -> HttpResponse:
        form = OtherForm(self.page.lesson, request.GET)
        is_asked = "prediction" not in request.GET
        if is_asked or (form.is_valid() and not form.cleaned_data["other"]):
            state = services.get_session(session_id=session_id)
            begin = TwoTextsForm(self.page.lesson, prompt=state.current_text)
            return show_begin(request, self.page.lesson, begin)
        return super().get(request, session_id)

    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        """Change one of the texts."""
        query = OtherForm(self.page.lesson, request.GET)
        which = request.POST.get("which")
        if not query.is_valid() or not query.cleaned_data["other"]:
            return self.get(request, session_id)
        if which not in (FIRST, SECOND):
            raise InvalidInputError(NO_SIDE)
        form = text_form(which, data=request.POST)
        changed_id = session_id if which == FIRST else query.cleaned_data["other"]
        problem, status = self.change(changed_id, form)
        if status == 200 and not is_htmx_request(request):
            return redirect(f"{self.address}#experiment")
        forms_by_side = {which: form} if form.errors else {}
        state = services.get_session(session_id=session_id)
        two = two_wheels(state, query, forms_by_side)
        return self.show(state, query, experiment=two, problem=problem, status=status)

    def change(self, session_id: str, form: PromptForm) -> tuple[str, int]:
        """The reason why nothing was changed, and the status. A reason that concerns the text is
        at its field."""
        if not form.is_valid():
            return (sentences(form), 400) if "rev" in form.errors else ("", 400)
        data = form.cleaned_data
        try:
            services.set_prompt(session_id=session_id, prompt=data["prompt"], rev=data["rev"])
        except ConflictError as error:
            return sentence(error), status_of(error)
        except InvalidInputError as error:
            form.add_error("prompt", sentence(error))
            return "", status_of(error)
        return "", 200

    def show(
        self,
        state: SessionState,
        form: PredictionForm,
        *,
        experiment: object = None,
        problem: str = "",
        status: int = 200,
        more: Mapping[str, object] = MappingProxyType({}),
    ) -> HttpResponse:
        """For htmx the experiment alone."""
        is_fragment = is_htmx_request(self.request)
        more = dict(more) | {"is_fragment": is_fragment, "address": self.address}
        if isinstance(experiment, TwoWheels):
            prediction = str(form.cleaned_data["prediction"])
            more |= {"verdict": verdict(prediction, experiment.total_variation)}
        response = super().show(
            state, form, experiment=experiment, problem=problem, status=status, more=more
        )
        if is_fragment:
            retarget(response, "#experiment", "innerHTML")
            if isinstance(experiment, TwoWheels):
                announce(response, experiment.distance_sentence)
        return response

    @property
    def template_name(self) -> str:
        is_fragment = is_htmx_request(self.request)
        return "lessons/_one_word_changed.html" if is_fragment else self.page.template_name

    @property
    def address(self) -> str:
        """Of this experiment, with its query."""
        names = ("prediction", "other")
        query = {name: self.request.GET[name] for name in names if name in self.request.GET}
        return address_of(self.kwargs["session_id"], query)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


def verdict(prediction: str, total_variation: float) -> str:
    """The answer to the prediction."""
    keys = [choice.key for choice in LESSON.choices]
    actual = (total_variation >= SOME_FROM) + (total_variation >= MOST_FROM)
    match abs(keys.index(prediction) - actual):
        case 0:
            return _("Your prediction is right.")
        case 1:
            return _("Your prediction is not quite right.")
        case _far:
            return _("It is quite different from your prediction.")


def two_wheels(
    state: SessionState, form: OtherForm, forms_by_side: dict[str, PromptForm]
) -> TwoWheels:
    session_id, other_id = state.session.session_id, form.cleaned_data["other"]
    compared = services.compare(session_id=session_id, other_id=other_id)
    return TwoWheels(compared, forms_by_side)


class OneWordChanged(SessionLesson[OtherForm]):
    lesson = LESSON
    template_name = "lessons/one_word_changed.html"
    form_class = OtherForm
    begin_view = TwoTextsView
    experiment_view = TwoWheelsView

    def experiment(self, state: SessionState, form: OtherForm) -> TwoWheels:
        return two_wheels(state, form, {})
