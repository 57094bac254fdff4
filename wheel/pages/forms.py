"""What the pages take. Types are checked here; ranges are the domain's to know."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wheel.domain.sampling import SETTING_NAMES
from wheel.errors import InvalidFieldsError, StaleRevisionError, TokenWheelError

MAX_INTEGER = 2**31 - 1
PROMPT_ROWS = 3


class PromptField(forms.CharField):
    """A text kept to the letter: spaces at its ends are tokens too. Browsers send every line
    break as two characters; here it is the one that was typed."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Prompt"),
            strip=False,
            widget=forms.Textarea(attrs={"rows": PROMPT_ROWS, "dir": "auto"}),
            error_messages={"required": _("Write a few words for the model to continue.")},
        )

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n")
        return text if text.strip() else ""


class StartForm(forms.Form):
    prompt = PromptField()
    model = forms.CharField(required=False)

    def add_problem(self, error: TokenWheelError) -> None:
        """Put an error of the services beside the field it is about."""
        is_about_model = error.code in ("unknown_model", "model_unavailable")
        self.add_error("model" if is_about_model else "prompt", sentence(error))


class JoinForm(forms.Form):
    code = forms.CharField(
        label=_("Code of the class"),
        help_text=_("Six letters and digits; capitals, spaces and hyphens make no difference."),
        widget=forms.TextInput(
            attrs={
                "class": "join-code",
                "dir": "ltr",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Type the code that your teacher gives you.")},
    )

    def add_problem(self, error: TokenWheelError) -> None:
        self.add_error("code", sentence(error))


class RevForm(forms.Form):
    """`rev` is the revision of the text that the page shows."""

    rev = forms.IntegerField(max_value=MAX_INTEGER, widget=forms.HiddenInput)


class SettingsForm(forms.Form):
    """The knobs. What is left empty stays as it is."""

    temperature = forms.FloatField(required=False)
    top_k = forms.IntegerField(required=False, max_value=MAX_INTEGER)
    top_p = forms.FloatField(required=False)
    min_p = forms.FloatField(required=False)
    threshold = forms.FloatField(required=False)

    def overrides(self) -> dict[str, float]:
        given = self.cleaned_data
        return {name: given[name] for name in SETTING_NAMES if given.get(name) is not None}

    def add_problem(self, error: InvalidFieldsError) -> None:
        for name, sentences in error.errors.items():
            self.add_error(name, sentences)


class SpinForm(RevForm, SettingsForm):
    """The settings are those of the wheel on show, so that no other wheel is ever spun."""


class ChooseForm(SpinForm):
    token_id = forms.IntegerField(max_value=MAX_INTEGER)


class PromptForm(RevForm):
    prompt = PromptField()


def sentence(error: TokenWheelError) -> str:
    """An error in the words of the pages: no names of fields, no revisions."""
    if isinstance(error, StaleRevisionError):
        return gettext(
            "The text has moved on, in another tab or by a second click. Nothing was "
            "changed just now; this is the wheel as it stands."
        )
    if isinstance(error, InvalidFieldsError):
        return " ".join(text for texts in error.errors.values() for text in texts)
    return error.detail


def sentences(form: forms.Form) -> str:
    """All that is wrong with a form, for where its fields are not on show."""
    return " ".join(
        f"{form[name].label}: {text}" for name, texts in form.errors.items() for text in texts
    )
