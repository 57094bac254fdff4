"""Preview of a class's first wheel, with warnings about settings that hide what it shows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel import services
from wheel.domain.wheel_settings import (
    NEUTRAL_SETTINGS,
    SETTINGS_IN_DISPLAY_ORDER,
    WheelSettings,
    given_settings,
)
from wheel.errors import InvalidFieldsError, TokenWheelError
from wheel.pages.drawing.wheel import num_possible
from wheel.pages.exports.picture import ExportedPicture
from wheel.pages.forms import PromptField, add_field_errors, setting_field
from wheel.pages.panels.prompt_hints import prompt_hints
from wheel.pages.words.messages import sentence
from wheel.pages.words.numbers import count, percent
from wheel.services import WheelView

HOT_TEMPERATURE = 2.0
LARGE_OTHER_PROB = 0.9


@dataclass(frozen=True)
class WheelPreview:
    """The drawn wheel, or the problem in a sentence; neither for a class without a prompt."""

    picture: ExportedPicture | None = None
    figures: str = ""
    problem: str = ""
    warnings: list[str] = field(default_factory=list)


class PreviewForm(forms.Form):
    """The fields of a class that its first wheel depends on."""

    model_id = forms.CharField(required=False)
    prompt = PromptField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prompt"].required = False
        self.fields |= {spec.name: setting_field(spec) for spec in SETTINGS_IN_DISPLAY_ORDER}

    def clean(self) -> dict[str, Any]:
        add_setting_errors(self)
        return self.cleaned_data

    def preview(self) -> WheelPreview:
        if not self.is_valid():
            texts = (text for texts in self.errors.values() for text in texts)
            return WheelPreview(problem=" ".join(map(str, texts)))
        if not self.cleaned_data["prompt"]:
            return WheelPreview()
        try:
            view = services.preview_wheel(
                prompt=self.cleaned_data["prompt"],
                model_id=self.cleaned_data["model_id"] or None,
                settings=settings_of(self.cleaned_data),
            )
        except TokenWheelError as error:
            return WheelPreview(problem=sentence(error))
        return WheelPreview(ExportedPicture(view), figures(view), warnings=list(warnings(view)))


def settings_of(values: dict[str, Any]) -> WheelSettings:
    """The settings among the fields of a form; an empty one is neutral. Raises
    `InvalidFieldsError`."""
    return NEUTRAL_SETTINGS.with_overrides(given_settings(values))


def add_setting_errors(form: forms.BaseForm) -> None:
    """Attach the sentences about values out of range to their fields."""
    try:
        settings = settings_of(form.cleaned_data)
        services.check_settings(
            settings=settings, model_id=form.cleaned_data.get("model_id") or None
        )
    except InvalidFieldsError as error:
        add_field_errors(form, error)
    except TokenWheelError:
        pass  # the model's files are missing, so its vocabulary is not known yet


def figures(view: WheelView) -> str:
    wheel = view.wheel
    sentence = ngettext(
        "%(number)s token has a segment of its own. Other has %(share)s of the wheel.",
        "%(number)s tokens have a segment of their own. Other has %(share)s of the wheel.",
        wheel.num_above_possible,
    )
    return sentence % {
        "number": count(wheel.num_above_possible),
        "share": percent(wheel.other_prob),
    }


def warnings(view: WheelView) -> Iterator[str]:
    """Sentences about whatever hides something that a lesson may be about."""
    wheel, settings = view.wheel, view.settings
    if prompt_hints(view.state).trimmed_prompt:
        yield _(
            "The prompt ends with a space. Most tokens bring their own space, so the model seldom "
            "knows what follows a lone one."
        )
    if num_possible(view) == 1:
        yield _("Only one token is left: every spin draws it.")
    elif settings.reshapes and wheel.other_prob == 0:
        yield _("The filters remove all of Other: the long tail cannot be seen or drawn.")
    if not wheel.num_above_possible:
        yield _("No token reaches the threshold: the whole wheel is Other.")
    elif wheel.other_prob > LARGE_OTHER_PROB:
        yield _("Nearly every spin lands in Other, the grey segment.")
    elif not wheel.num_other:
        yield _("At this threshold every token has a segment of its own: there is no Other.")
    if settings.temperature > HOT_TEMPERATURE:
        yield _("Above a temperature of 2 the text has little to do with the prompt.")
