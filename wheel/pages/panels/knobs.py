"""The knobs that reshape a wheel, each with a line that says what it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wheel.domain.sampling import NEUTRAL_SETTINGS, WheelSettings
from wheel.pages.forms import SettingsForm
from wheel.pages.words.numbers import setting


@dataclass(frozen=True, slots=True)
class KnobSpec:
    """`slider` is the range a slider covers, as (min, max, step); the field itself takes more."""

    name: str
    label: str | Promise
    explanation: str | Promise
    slider: tuple[str, str, str]


KNOB_SPECS = (
    KnobSpec(
        "temperature",
        _("Temperature"),
        _("Below 1 the favourites grow. Above 1 the outsiders do."),
        ("0.1", "3", "0.1"),
    ),
    KnobSpec(
        "top_k",
        _("Top-k"),
        _("Only the k likeliest tokens may stay on the wheel. 0 lets all of them stay."),
        ("0", "100", "1"),
    ),
    KnobSpec(
        "top_p",
        _("Top-p"),
        _("Only the likeliest tokens stay, just enough to fill this share. 1 keeps them all."),
        ("0.05", "1", "0.05"),
    ),
    KnobSpec(
        "min_p",
        _("Min-p"),
        _("A token must be at least this fraction as likely as the favourite. 0 asks for nothing."),
        ("0", "1", "0.01"),
    ),
    KnobSpec(
        "threshold",
        _("Threshold"),
        _("Tokens at least this likely get a segment of their own. The rest share the grey one."),
        ("0.002", "0.1", "0.002"),
    ),
)


@dataclass(frozen=True, slots=True)
class Knob:
    spec: KnobSpec
    value: str
    errors: list[str]


@dataclass(frozen=True, slots=True)
class Knobs:
    """The knobs as they stand; `form` is what was just typed, where that cannot be used.
    are_in_query: this page was asked for with them, so their panel stays open."""

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
