"""The knobs that reshape a wheel, each with an explanation."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from wheel.domain.wheel_settings import (
    NEUTRAL_SETTINGS,
    SETTINGS_IN_DISPLAY_ORDER,
    TEMPERATURE,
    TOP_K,
    WheelSettings,
)
from wheel.pages.forms import SettingsForm
from wheel.pages.words.counts import knob_sentence
from wheel.pages.words.numbers import setting


@dataclass(frozen=True, slots=True)
class KnobSpec:
    """`slider` is (min, max, step) of the slider; the number field accepts a larger range.
    `input_mode` and `pattern` select the keyboard of a touch screen."""

    name: str
    label: str | Promise
    explanation: str | Promise
    slider: tuple[str, str, str]
    input_mode: str
    pattern: str


INTEGER_KEYBOARD = ("numeric", "[0-9]*")
DECIMAL_KEYBOARD = ("decimal", "[0-9]*[.,]?[0-9]*")

KNOB_SPECS = tuple(
    KnobSpec(
        spec.name,
        gettext_lazy(spec.label),
        gettext_lazy(spec.help),
        spec.slider,
        *(INTEGER_KEYBOARD if spec.number_type is int else DECIMAL_KEYBOARD),
    )
    for spec in SETTINGS_IN_DISPLAY_ORDER
)


@dataclass(frozen=True, slots=True)
class Knob:
    """
    is_neutral    whether the wheel's setting is the neutral one
    is_locked     whether the class has fixed it
    sentence      the setting and the number of segments, to be announced
    remedy_query  sets the knobs as a refused value was meant; empty if there is no such setting
    """

    spec: KnobSpec
    value: str
    is_neutral: bool
    sentence: str
    errors: list[str]
    remedy_query: str = ""
    is_locked: bool = False


@dataclass(frozen=True)
class Knobs:
    """The knobs with their current values.

    form          the submitted form, if its values were refused
    are_in_query  whether the page's query contains knobs, so that their panel stays open
    num_segments  the number of tokens with a segment of their own
    locked        names of settings that the class has fixed
    """

    settings: WheelSettings
    form: SettingsForm | None = None
    are_in_query: bool = False
    num_segments: int = 0
    locked: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Knob]:
        return iter(self._all)

    @cached_property
    def _all(self) -> list[Knob]:
        return [self._knob(spec) for spec in KNOB_SPECS]

    def _knob(self, spec: KnobSpec) -> Knob:
        value = getattr(self.settings, spec.name)
        typed, errors = setting(value), list[str]()
        if self.form is not None:
            typed = str(self.form.data.get(spec.name, typed))
            errors = [str(error) for error in self.form[spec.name].errors]
        return Knob(
            spec=spec,
            value=typed,
            is_neutral=value == getattr(NEUTRAL_SETTINGS, spec.name),
            sentence=knob_sentence(spec.label, value, self.num_segments),
            errors=errors,
            remedy_query="" if TOP_K.name in self.locked else remedy_query(errors),
            is_locked=spec.name in self.locked,
        )

    @property
    def first_shown(self) -> str:
        """Name of the knob to show first where there is room for one: one with an error, else one
        that is not neutral, else the first that can be turned."""
        knobs = sorted(self, key=lambda knob: knob.is_locked)
        faulty = [knob for knob in knobs if knob.errors]
        turned = [knob for knob in knobs if not knob.is_neutral]
        return (faulty or turned or knobs)[0].spec.name

    @property
    def is_neutral(self) -> bool:
        """Whether there is nothing to reset: all knobs that can be turned are neutral."""
        return all(knob.is_neutral or knob.is_locked for knob in self)

    @property
    def reset_query(self) -> str:
        neutral = NEUTRAL_SETTINGS.as_dict()
        return urlencode({name: neutral[name] for name in neutral if name not in self.locked})


def remedy_query(errors: list[str]) -> str:
    """Top-k 1 for temperature 0, at which the favourite always wins."""
    return urlencode({TOP_K.name: 1}) if gettext(TEMPERATURE.minimum_note) in errors else ""
