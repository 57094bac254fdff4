"""The form of a class in the admin."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.admin.wheel_preview import add_setting_errors
from wheel.domain.lesson_kits import LessonKit
from wheel.domain.wheel_settings import SETTINGS_IN_DISPLAY_ORDER
from wheel.errors import InvalidInputError, UnavailableError
from wheel.models import PROMPT, Classroom
from wheel.pages.forms import PromptField, setting_field
from wheel.pages.lessons.course import COURSE
from wheel.pages.words.messages import translated

if TYPE_CHECKING:
    BaseClassroomForm = forms.ModelForm[Classroom]
else:
    BaseClassroomForm = forms.ModelForm

MAX_LIFETIME = timedelta(days=90)


def model_choices() -> list[tuple[str, str]]:
    """All models on offer, with a note at those whose files are missing."""
    return [("", gettext("The server's default"))] + [
        (
            status.spec.model_id,
            status.spec.name
            if status.is_available
            else gettext("%(name)s (not available)") % {"name": status.spec.name},
        )
        for status in services.list_models()
    ]


def lockable_choices() -> list[tuple[str, str]]:
    settings = [(spec.name, gettext(spec.label)) for spec in SETTINGS_IN_DISPLAY_ORDER]
    return [(PROMPT, gettext("Prompt")), *settings]


def lesson_choices() -> list[tuple[str, Any]]:
    return [("", gettext("None"))] + [(page.lesson.key, page.lesson.title) for page in COURSE]


class ClassroomForm(BaseClassroomForm):
    model_id = forms.ChoiceField(label=_("Model"), required=False, choices=model_choices)
    prompt = PromptField()
    other_prompt = PromptField()
    lesson = forms.ChoiceField(
        label=_("Lesson of the course"), required=False, choices=lesson_choices
    )
    locked = forms.MultipleChoiceField(
        label=_("Locked"),
        required=False,
        choices=lockable_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What the students cannot change."),
    )

    class Meta:
        model = Classroom
        fields = (
            *("owner", "title", "lesson", "model_id", "prompt", "other_prompt", "threshold"),
            *("temperature", "top_k", "top_p", "min_p", "locked", "luck", "state", "expires_at"),
            *("question", "look_for", "hides_names", "blurs_stories"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "expires_at" not in self.fields:  # a user with only the view permission
            return
        help_texts = {field.name: field.help_text for field in Classroom._meta.fields}  # noqa: SLF001
        for name in ("prompt", "other_prompt", "lesson"):
            self.fields[name].required = False
            self.fields[name].help_text = help_texts[name]
        for spec in SETTINGS_IN_DISPLAY_ORDER:
            field = setting_field(spec)
            field.required, field.label = True, gettext(spec.label)
            field.help_text = gettext(spec.help)
            field.initial = spec.neutral
            field.widget.attrs["step"] = "any" if spec.number_type is float else "1"
            self.fields[spec.name] = field
        for name, num_rows in (("question", 2), ("look_for", 7)):
            self.fields[name].widget.attrs["rows"] = num_rows
        # Changed is what differs from what the form showed, and not from the row, which the wall
        # may have changed since. A client that sends no initial values is compared with the row.
        sends_initial = self.add_initial_prefix("title") in self.data
        for field in self.fields.values():
            field.show_hidden_initial = sends_initial or not self.is_bound
        if "owner" in self.fields:
            staff = get_user_model().objects.filter(is_staff=True)
            self.fields["owner"].queryset = staff  # type: ignore[attr-defined]

    def clean_expires_at(self) -> datetime:
        """A class that is about to end may still be edited."""
        expires_at: datetime = self.cleaned_data["expires_at"]
        if self.instance.pk and "expires_at" not in self.changed_data:
            return expires_at
        if expires_at <= now():
            raise forms.ValidationError(gettext("This time is over."))
        if expires_at > now() + MAX_LIFETIME:
            text = gettext("A class lasts at most %(days)s days from today.")
            raise forms.ValidationError(text % {"days": MAX_LIFETIME.days})
        return expires_at

    def clean(self) -> dict[str, Any]:
        """Check the prompt and the settings against the model now, so that no error reaches the
        students."""
        cleaned = super().clean() or self.cleaned_data
        cleaned.setdefault("model_id", self.instance.model_id)  # it is fixed once a member is there
        add_setting_errors(self)
        for name in ("prompt", "other_prompt"):
            if cleaned.get(name):
                self.check_prompt(name, cleaned[name], cleaned["model_id"])
        if cleaned.get("other_prompt") and not cleaned.get("prompt"):
            self.add_error(
                "other_prompt", gettext("With a second prompt, there has to be a first one.")
            )
        return cleaned

    def check_prompt(self, name: str, prompt: str, model_id: str) -> None:
        try:
            services.check_prompt(prompt=prompt, model_id=model_id)
        except InvalidInputError as error:
            self.add_error(name, translated(error.detail))
        except UnavailableError:
            pass  # the model's files are missing, so the tokens cannot be counted yet


def kit_values(kit: LessonKit) -> dict[str, Any]:
    """The values of the form's fields that a lesson kit fills in, in the language of the page."""
    return {
        "title": gettext(kit.title),
        "lesson": kit.lesson,
        "prompt": kit.prompt,
        "other_prompt": kit.other_prompt,
        "locked": list(kit.locked),
        "luck": kit.luck,
        "question": gettext(kit.question),
        "look_for": gettext(kit.look_for),
        **kit.settings.as_dict(),
    }
