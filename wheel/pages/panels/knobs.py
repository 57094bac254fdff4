"""The knobs that reshape a wheel, each with an explanation."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from wheel.domain.wheel_settings import (
    NEUTRAL_SETTINGS,
    SETTINGS_IN_DISPLAY_ORDER,
    WheelSettings,
)
from wheel.pages.forms import SettingsForm
from wheel.pages.words.numbers import setting


@dataclass(frozen=True, slots=True)
class KnobSpec:
    """`slider` is (min, max, step) of the slider; the number field accepts a larger range."""

    name: str
    label: str | Promise
    explanation: str | Promise
    slider: tuple[str, str, str]


KNOB_SPECS = tuple(
    KnobSpec(spec.name, gettext_lazy(spec.label), gettext_lazy(spec.help), spec.slider)
    for spec in SETTINGS_IN_DISPLAY_ORDER
)


@dataclass(frozen=True, slots=True)
class Knob:
    spec: KnobSpec
    value: str
    errors: list[str]


@dataclass(frozen=True, slots=True)
class Knobs:
    """The knobs with their current values.

    form          the submitted form, if its values were refused
    are_in_query  whether the page's query contains knobs, so that their panel stays open
    """

    settings: WheelSettings
    form: SettingsForm | None = None
    are_in_query: bool = False

    def __iter__(self) -> Iterator[Knob]:
        for spec in KNOB_SPECS:
            value = setting(getattr(self.settings, spec.name))
            if self.form is None:
                yield Knob(spec, value, [])
            else:
                typed = self.form.data.get(spec.name, value)
                yield Knob(spec, str(typed), [str(error) for error in self.form[spec.name].errors])

    @property
    def is_neutral(self) -> bool:
        return self.settings == NEUTRAL_SETTINGS

    @property
    def reset_query(self) -> str:
        return urlencode(NEUTRAL_SETTINGS.as_dict())
