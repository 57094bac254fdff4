"""Lessons on any text, without a wheel session.

    GET  /lessons/<key>  the question, and a text field
    POST /lessons/<key>  the experiment with the text, at the same address

The text is in the body of the request and of the answer only. A request of htmx, which the page
sends for another text, gets the part of the page that depends on the text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.error_statuses import status_of
from wheel.errors import TokenWheelError
from wheel.pages.announcements import announce
from wheel.pages.forms import PromptField
from wheel.pages.lessons.forms import PredictionForm
from wheel.pages.lessons.lesson import Lesson, Text
from wheel.pages.lessons.session_lesson import LessonView
from wheel.pages.problems import is_htmx_request, render_error, retarget, with_retry_after
from wheel.pages.words.messages import sentence
from wheel.pages.words.numbers import count

TEXT_TOO_LONG = _(
    "Your text has %(num_characters)s characters; at most %(max_characters)s fit. "
    "Shorten it a little."
)


@dataclass(frozen=True, slots=True)
class Example:
    """A text to choose. `key` stands in addresses; the text is for the model, not translated."""

    key: str
    name: Text
    text: str


class TextField(PromptField):
    def __init__(self) -> None:
        super().__init__()
        self.error_messages["required"] = _("Write or paste a text first.")
        self.widget.attrs |= {"rows": 5}

    def validate(self, value: Any) -> None:
        super().validate(value)
        most = services.max_characters()
        if len(value) > most:
            figures = {"num_characters": count(len(value)), "max_characters": count(most)}
            raise forms.ValidationError(TEXT_TOO_LONG, params=figures)


class TextForm(PredictionForm):
    """The prediction and the text. `example`: the key of an example to take instead of it."""

    text = TextField()

    def __init__(self, lesson: Lesson, data: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__(lesson, data, **more)

    def add_problem(self, error: TokenWheelError) -> None:
        self.add_error("text", sentence(error))

    def sentences(self) -> list[str]:
        return [str(text) for texts in self.errors.values() for text in texts]


FormT = TypeVar("FormT", bound=TextForm)
ExperimentT = TypeVar("ExperimentT")


class TextLesson(Generic[FormT, ExperimentT]):
    """What differs from lesson to lesson.

    template_name  of the page after an answer; extends lessons/text_experiment.html
    parts_name     of the part of it that depends on the text, with the result of `experiment` under
                   that name
    triggers       the events of the page's form at which htmx requests that part
    examples       the first one stands in the field at the beginning
    """

    lesson: ClassVar[Lesson]
    template_name: ClassVar[str]
    parts_name: ClassVar[str]
    triggers: ClassVar[str] = "submit"
    examples: ClassVar[tuple[Example, ...]]
    form_class: type[FormT]

    def experiment(self, form: FormT) -> ExperimentT:
        """`form` is valid. Raises errors of `wheel.errors`, which are shown on the page."""
        raise NotImplementedError

    def announcement(self, experiment: ExperimentT) -> str:
        """For screen readers, when only the part of the page has changed."""
        raise NotImplementedError

    def example(self, key: str | None) -> Example | None:
        return next((example for example in self.examples if example.key == key), None)

    def address_in_class(self, session_id: str) -> str:
        """For a member of a class, whose session the lesson does not need."""
        return reverse(self.lesson.url_name)

    def urls(self) -> list[URLPattern]:
        return [path(self.lesson.key, TextView.as_view(page=self), name=self.lesson.url_name)]


class TextView(LessonView):
    page: TextLesson[Any, Any] = TextLesson()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Query: `example`, the key of the text in the field."""
        example = self.page.example(request.GET.get("example")) or self.page.examples[0]
        form = self.page.form_class(self.page.lesson, initial={"text": example.text})
        return self.ask(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.page.form_class(self.page.lesson, self.data())
        if not form.is_valid():
            return self.refuse(form, status=400)
        try:
            return self.show(form, self.page.experiment(form))
        except TokenWheelError as error:
            if is_htmx_request(request):
                return render_error(request, error)
            form.add_problem(error)
            return with_retry_after(self.refuse(form, status=status_of(error)), error)

    def data(self) -> Mapping[str, Any]:
        """The fields, with the text of a chosen example."""
        data = self.request.POST
        example = self.page.example(data.get("example"))
        if example is None:
            return data
        changed = data.copy()
        changed["text"] = example.text
        return changed

    def ask(self, form: TextForm, *, status: int = 200) -> HttpResponse:
        context = {"page": self.page, "lesson": self.page.lesson, "form": form}
        return render(self.request, "lessons/text_begin.html", context, status=status)

    def refuse(self, form: TextForm, *, status: int) -> HttpResponse:
        if not is_htmx_request(self.request):
            return self.ask(form, status=status)
        context = {"problem": " ".join(form.sentences())}
        response = render(self.request, "pages/_problem.html", context, status=status)
        retarget(response, "#problem", "innerHTML")
        return response

    def show(self, form: TextForm, experiment: object) -> HttpResponse:
        lesson = self.page.lesson
        prediction = form.cleaned_data.get("prediction")
        context = {
            "page": self.page,
            "lesson": lesson,
            "form": form,
            "prediction": lesson.choice(prediction) if prediction else None,
            "experiment": experiment,
        }
        if not is_htmx_request(self.request):
            return render(self.request, self.page.template_name, context)
        response = render(self.request, "lessons/text_answer.html", context)
        return announce(response, self.page.announcement(experiment))
