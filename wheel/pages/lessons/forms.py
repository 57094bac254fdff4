"""Forms that the lessons share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wheel.errors import TokenWheelError
from wheel.pages.forms import PromptField
from wheel.pages.lessons.lesson import Lesson
from wheel.pages.words.messages import sentence


class PredictionForm(forms.Form):
    """The answer to the question of a lesson. Without choices there is nothing to predict."""

    prediction = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer first. A wrong one is worth as much.")},
    )

    def __init__(self, lesson: Lesson, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if lesson.choices:
            choices = [(choice.key, choice.text) for choice in lesson.choices]
            self.fields["prediction"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["prediction"]


class BeginForm(PredictionForm):
    """The prediction, and the text that the experiment is made with."""

    prompt = PromptField()
    model = forms.CharField(required=False)

    def __init__(self, lesson: Lesson, *args: Any, **kwargs: Any) -> None:
        super().__init__(lesson, *args, initial={"prompt": lesson.prompt}, **kwargs)

    def add_problem(self, error: TokenWheelError) -> None:
        self.add_error("prompt", sentence(error))
