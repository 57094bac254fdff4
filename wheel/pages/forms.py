"""Forms of the pages. They check types; the domain checks ranges."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wheel.domain.wheel_settings import (
    SETTING_NAMES,
    SETTINGS_IN_DISPLAY_ORDER,
    AnySettingSpec,
    given_settings,
)
from wheel.errors import InvalidFieldsError, TokenWheelError
from wheel.pages.words.messages import sentence, translated
from wheel.pages.words.typed_numbers import as_whole_number, with_decimal_point

MAX_INTEGER = 2**31 - 1
PROMPT_ATTRIBUTES = {
    "rows": 3,
    "dir": "auto",
    "translate": "no",
    "autocorrect": "off",  # the tokens of what was typed; a sentence may begin with a capital
    "spellcheck": "false",
}
MAX_SEARCH_CHARACTERS = 200


class PromptField(forms.CharField):
    """A text that is not stripped: spaces at its ends are tokens too. Browsers send a line break
    as two characters, which become one again."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Prompt"),
            strip=False,
            widget=forms.Textarea(attrs=PROMPT_ATTRIBUTES),
            error_messages={"required": _("Write a few words for the model to continue.")},
        )

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n")
        return text if text.strip() else ""


class StartForm(forms.Form):
    prompt = PromptField()
    model = forms.CharField(required=False)

    def add_problem(self, error: TokenWheelError) -> None:
        """Attach an error of the services to the field that it concerns."""
        is_about_model = error.code in ("unknown_model", "model_unavailable")
        self.add_error("model" if is_about_model else "prompt", sentence(error))


class JoinForm(forms.Form):
    """`is_another`: for one more member, although the browser is in the class already."""

    code = forms.CharField(
        label=_("Class code"),
        help_text=_("Six letters and digits; capitals, spaces and hyphens make no difference."),
        widget=forms.TextInput(
            attrs={
                "class": "join-code notranslate",
                "translate": "no",
                "dir": "ltr",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "autocorrect": "off",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Type the code that your teacher gives you.")},
    )

    is_another = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def add_problem(self, error: TokenWheelError) -> None:
        self.add_error("code", sentence(error))


class RevForm(forms.Form):
    """`rev` is the revision of the text that the page shows."""

    rev = forms.IntegerField(max_value=MAX_INTEGER, widget=forms.HiddenInput)


class SettingFloatField(forms.FloatField):
    """A number with a decimal point or a decimal comma, in every language."""

    def clean(self, value: Any) -> Any:
        number = super().clean(with_decimal_point(value))
        return None if number is None else number + 0.0  # -0.0 becomes 0.0


class SettingIntegerField(forms.IntegerField):
    """A whole number; "40.0" and "40,0" are too."""

    def clean(self, value: Any) -> Any:
        return super().clean(as_whole_number(value))


def setting_field(spec: AnySettingSpec) -> forms.Field:
    if spec.number_type is int:
        return SettingIntegerField(required=False, max_value=MAX_INTEGER)
    return SettingFloatField(required=False)


def add_field_errors(form: forms.BaseForm, error: InvalidFieldsError) -> None:
    """Attach the sentences of the error to their fields."""
    for name, sentences in error.errors.items():
        form.add_error(name, [translated(text) for text in sentences])


class SettingsForm(forms.Form):
    """The knobs. An empty field leaves its setting unchanged."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = {spec.name: setting_field(spec) for spec in SETTINGS_IN_DISPLAY_ORDER}
        self.fields = settings | self.fields

    def overrides(self) -> dict[str, float]:
        return given_settings(self.cleaned_data)

    def add_problem(self, error: InvalidFieldsError) -> None:
        add_field_errors(self, error)


class KnobStepsForm(SettingsForm):
    """A knob that is moved, and the settings that stay. The knob's own value is not read."""

    knob = forms.ChoiceField(choices=[(name, name) for name in SETTING_NAMES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (moved := self.data.get("knob")) in SETTING_NAMES:
            del self.fields[moved]

    def sentences_by_field(self) -> dict[str, list[str]]:
        return {name: [str(text) for text in texts] for name, texts in self.errors.items()}


class SpinForm(RevForm, SettingsForm):
    """The settings are those of the wheel on show, so that exactly this wheel is spun.
    `is_opened`: only a part of the wheel is on show."""

    is_opened = forms.BooleanField(required=False)


class ChooseForm(SpinForm):
    token_id = forms.IntegerField(max_value=MAX_INTEGER)


class PromptForm(RevForm):
    prompt = PromptField()


class RewindForm(RevForm):
    """`num_kept` is the number of chosen tokens that stay."""

    num_kept = forms.IntegerField(max_value=MAX_INTEGER)


class RestoreForm(RevForm):
    """`branch` is the number of the branch to go back to."""

    branch = forms.IntegerField(max_value=MAX_INTEGER)


class ComparisonForm(forms.Form):
    """The numbers of two branches to be compared; without them, none are."""

    first = forms.IntegerField(required=False, max_value=MAX_INTEGER)
    second = forms.IntegerField(required=False, max_value=MAX_INTEGER)


class OpeningForm(forms.Form):
    """The part of the wheel to show: opened `depth` times towards the token of `rank`."""

    rank = forms.IntegerField(label=_("Rank"), required=False, min_value=1, max_value=MAX_INTEGER)
    depth = forms.IntegerField(label=_("Depth"), required=False, min_value=1, max_value=MAX_INTEGER)


class FindForm(forms.Form):
    """A search for a token. Spaces count: most tokens begin with one."""

    text = forms.CharField(required=False, strip=False, max_length=MAX_SEARCH_CHARACTERS)


def sentences(form: forms.Form) -> str:
    """All errors of a form as one text, for a page that does not show its fields."""
    return " ".join(
        f"{form[name].label}: {text}" for name, texts in form.errors.items() for text in texts
    )
