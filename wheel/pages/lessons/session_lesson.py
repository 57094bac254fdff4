"""Lessons on the wheel of a session.

    /lessons/<key>               the question and the prompt; a POST starts a session
    /lessons/<key>/<session id>  the experiment, once the question has been answered

The query of the second address holds the prediction and the choices made in the experiment, but
never text, which only the session holds.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.gzip import gzip_page

from wheel import services
from wheel.domain.wheel_session import WheelSession
from wheel.error_statuses import status_of
from wheel.errors import InvalidInputError, TokenWheelError, UnavailableError
from wheel.pages.announcements import announce
from wheel.pages.lessons.forms import BeginForm, PredictionForm
from wheel.pages.lessons.lesson import Lesson
from wheel.pages.problems import render_error, retarget, with_retry_after
from wheel.pages.words.messages import sentence
from wheel.services import SessionState

FormT = TypeVar("FormT", bound=PredictionForm)


class SessionLesson(Generic[FormT]):
    """What differs from lesson to lesson: texts, the fields of the query, and the experiment.

    template_name  extends lessons/experiment.html, and shows the result of `experiment` under that
                   name
    form_class     the prediction, and fields of the lesson's own, all optional
    begin_form_class, begin_template_name  of the first page, with other fields than the prompt
    begin_view, experiment_view  for a lesson whose pages take more than a query
    """

    lesson: ClassVar[Lesson]
    template_name: ClassVar[str]
    form_class: type[FormT]
    begin_form_class: type[BeginForm] = BeginForm
    begin_template_name = "lessons/begin.html"
    begin_view: ClassVar["type[BeginView] | None"] = None
    experiment_view: ClassVar["type[ExperimentView] | None"] = None

    def start(self, form: BeginForm) -> WheelSession:
        """A new session. `form` is valid."""
        data = form.cleaned_data
        return services.start_text(prompt=data["prompt"], model_id=data["model"] or None)

    def experiment(self, state: SessionState, form: FormT) -> object:
        """What the template shows. `form` is valid. Raises errors of `wheel.errors`; those about
        input are shown on the page."""
        raise NotImplementedError

    def announcement(self, experiment: Any) -> str:
        """A sentence for screen readers, after a change of the experiment in place."""
        return ""

    def address_in_class(self, session_id: str) -> str:
        """For a member of a class with this session."""
        return reverse(self.lesson.experiment_url_name, args=[session_id])

    def urls(self) -> list[URLPattern]:
        key = self.lesson.key
        begin_view = self.begin_view or BeginView
        experiment_view = self.experiment_view or ExperimentView
        return [
            path(key, begin_view.as_view(page=self), name=self.lesson.url_name),
            path(
                f"{key}/<str:session_id>",
                experiment_view.as_view(page=self),
                name=self.lesson.experiment_url_name,
            ),
        ]


@method_decorator(gzip_page, name="dispatch")
class LessonView(View):
    """Errors of `wheel.errors` become answers."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except TokenWheelError as error:
            return render_error(request, error)


class BeginView(LessonView):
    """The question of a lesson, with the prompt."""

    page: SessionLesson[Any] = SessionLesson()

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.page.begin_form_class(self.page.lesson))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.page.begin_form_class(self.page.lesson, request.POST)
        if not form.is_valid():
            return self.show(form, status=400)
        try:
            session = self.page.start(form)
        except TokenWheelError as error:
            form.add_problem(error)
            return with_retry_after(self.show(form, status=status_of(error)), error)
        return redirect(self.address_of(session.session_id, form))

    def address_of(self, session_id: str, form: BeginForm) -> str:
        address = reverse(self.page.lesson.experiment_url_name, args=[session_id])
        prediction = form.cleaned_data.get("prediction")
        return f"{address}?{urlencode({'prediction': prediction})}" if prediction else address

    def show(self, form: BeginForm, *, status: int = 200) -> HttpResponse:
        context = {"lesson": self.page.lesson, "form": form}
        return render(self.request, self.page.begin_template_name, context, status=status)


class ExperimentView(LessonView):
    """The experiment of a lesson on a session. Without a prediction, its question."""

    page: SessionLesson[Any] = SessionLesson()

    def get(self, request: HttpRequest, session_id: str) -> HttpResponse:
        state = services.get_session(session_id=session_id)
        form = self.page.form_class(self.page.lesson, request.GET)
        if "prediction" in form.fields and "prediction" not in request.GET:
            return self.ask(state)
        if not form.is_valid():
            return self.show(state, form, status=400)
        try:
            experiment = self.page.experiment(state, form)
        except (InvalidInputError, UnavailableError) as error:
            shown = self.show(state, form, problem=sentence(error), status=status_of(error))
            return with_retry_after(shown, error)
        shown = self.show(state, form, experiment=experiment)
        return announce(shown, self.page.announcement(experiment) if experiment else "")

    def ask(self, state: SessionState) -> HttpResponse:
        form = PredictionForm(self.page.lesson)
        context = {"lesson": self.page.lesson, "form": form, "state": state}
        return render(self.request, "lessons/question.html", context)

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
        """`more`: values of the lesson's own for its template."""
        lesson = self.page.lesson
        predicted = form.cleaned_data.get("prediction") if form.is_bound else None
        context = {
            "lesson": lesson,
            "form": form,
            "state": state,
            "session_id": state.session.session_id,
            "prediction": lesson.choice(predicted) if predicted else None,
            "experiment": experiment,
            "problem": problem,
            **more,
        }
        response = render(self.request, self.template_name, context, status=status)
        if status >= HTTPStatus.BAD_REQUEST:  # of this answer, htmx takes only the problem
            retarget(response, "#problem", "none")
        return response

    @property
    def template_name(self) -> str:
        return self.page.template_name
