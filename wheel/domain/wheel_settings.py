"""The wheel settings, described once: the table `WHEEL_SETTINGS` and the values `WheelSettings`.

Validation, the API's fields and schema, the pages' forms and knobs, the exports' columns and the
stored documents all derive from the table, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Generic, Self, TypeVar

from wheel.errors import InvalidFieldsError
from wheel.sentences import Sentence, gettext_noop

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class SettingSpec(Generic[Number]):
    """One wheel setting.

    number_type       int or float
    minimum, maximum  the ends of its range; `maximum` is None if only the vocabulary limits it
    is_minimum_open   whether the minimum itself is out of range
    neutral           the value of a wheel that shows the model's own distribution
    reshapes          whether it changes the distribution; False if it only cuts it into segments
    label, help       texts of the pages, in English
    minimum_note      a sentence about an open minimum, for a client that asks for it
    slider            (minimum, maximum, step) of the pages' slider; typed values may exceed it
    """

    name: str
    number_type: type[Number]
    minimum: Number
    maximum: Number | None
    neutral: Number
    label: str
    help: str
    slider: tuple[str, str, str]
    is_minimum_open: bool = False
    minimum_note: str = ""
    reshapes: bool = True

    def is_in_range(self, value: float) -> bool:
        """False also for NaN, and for a float if an int is expected."""
        if self.number_type is int and not isinstance(value, int):
            return False
        is_above = value > self.minimum if self.is_minimum_open else value >= self.minimum
        return is_above and (self.maximum is None or value <= self.maximum)

    def error_sentences(self, value: float) -> list[str]:
        """The errors of a value out of range."""
        is_minimum = value == self.minimum and self.minimum_note
        return [self.range_sentence, self.minimum_note] if is_minimum else [self.range_sentence]

    @property
    def range_sentence(self) -> Sentence:
        """The error sentence for a value out of range."""
        if self.maximum is None:
            return Sentence("Must be %(off)s (off) or a number of tokens.", off=self.minimum)
        ends = {"minimum": self.minimum, "maximum": self.maximum}
        if self.is_minimum_open:
            return Sentence("Must be greater than %(minimum)s and at most %(maximum)s.", **ends)
        return Sentence("Must be between %(minimum)s and %(maximum)s.", **ends)

    @property
    def slider_values(self) -> list[Number]:
        """The values of the slider's steps, ascending."""
        first, last, step = (Decimal(text) for text in self.slider)
        num_steps = int((last - first) / step)
        return [self.number_type(first + idx * step) for idx in range(num_steps + 1)]

    @property
    def range_note(self) -> str:
        """The range in short, for documentation."""
        if self.maximum is None:
            return f"{self.minimum}: off; at most the vocabulary."
        return f"In {'(' if self.is_minimum_open else '['}{self.minimum}, {self.maximum}]."


THRESHOLD = SettingSpec(
    name="threshold",
    number_type=float,
    minimum=0,
    maximum=1,
    neutral=0.01,
    label=gettext_noop("Threshold"),
    help=gettext_noop(
        "Tokens at least this likely get a segment of their own. "
        "The rest share Other, the grey segment."
    ),
    slider=("0.005", "0.1", "0.005"),
    reshapes=False,
)
TEMPERATURE = SettingSpec(
    name="temperature",
    number_type=float,
    minimum=0,
    is_minimum_open=True,
    maximum=100,
    neutral=1.0,
    minimum_note=gettext_noop("At temperature 0 the favourite always wins, as with top-k 1."),
    label=gettext_noop("Temperature"),
    help=gettext_noop("Below 1 the favourites grow. Above 1 the outsiders do."),
    slider=("0.1", "3", "0.1"),
)
TOP_K = SettingSpec(
    name="top_k",
    number_type=int,
    minimum=0,
    maximum=None,
    neutral=0,
    label=gettext_noop("Top-k"),
    help=gettext_noop(
        "Only the k likeliest tokens may stay on the wheel. 0 lets all of them stay."
    ),
    slider=("0", "40", "1"),
)
TOP_P = SettingSpec(
    name="top_p",
    number_type=float,
    minimum=0,
    is_minimum_open=True,
    maximum=1,
    neutral=1.0,
    label=gettext_noop("Top-p"),
    help=gettext_noop(
        "Only the likeliest tokens stay, just enough to fill this share. 1 keeps them all."
    ),
    slider=("0.05", "1", "0.05"),
)
MIN_P = SettingSpec(
    name="min_p",
    number_type=float,
    minimum=0,
    maximum=1,
    neutral=0.0,
    label=gettext_noop("Min-p"),
    help=gettext_noop(
        "A token must be at least this fraction as likely as the favourite. 0 asks for nothing."
    ),
    slider=("0", "0.5", "0.02"),
)

AnySettingSpec = SettingSpec[int] | SettingSpec[float]

WHEEL_SETTINGS: tuple[AnySettingSpec, ...] = (
    THRESHOLD,
    TEMPERATURE,
    TOP_K,
    TOP_P,
    MIN_P,
)
SETTING_NAMES = tuple(spec.name for spec in WHEEL_SETTINGS)
SPEC_BY_NAME = {spec.name: spec for spec in WHEEL_SETTINGS}

# On pages and in exports, the settings that reshape the distribution come first.
SETTINGS_IN_DISPLAY_ORDER = tuple(sorted(WHEEL_SETTINGS, key=lambda spec: not spec.reshapes))


@dataclass(frozen=True, slots=True)
class WheelSettings:
    """The settings that a wheel is drawn with. The defaults show the model's own distribution.

    threshold    tokens at least this probable get a segment of their own
    temperature  divides the logits; below 1 sharpens, above 1 flattens
    top_k        the number of most probable tokens to keep; 0 keeps all
    top_p        keep the fewest tokens that together reach this probability
    min_p        keep tokens at least this fraction of the top probability

    Raises `InvalidFieldsError`, with a sentence for each field out of its range.
    """

    threshold: float = THRESHOLD.neutral
    temperature: float = TEMPERATURE.neutral
    top_k: int = TOP_K.neutral
    top_p: float = TOP_P.neutral
    min_p: float = MIN_P.neutral

    def __post_init__(self) -> None:
        errors = {
            spec.name: spec.error_sentences(getattr(self, spec.name))
            for spec in WHEEL_SETTINGS
            if not spec.is_in_range(getattr(self, spec.name))
        }
        if errors:
            raise InvalidFieldsError(errors)

    def with_overrides(self, overrides: Mapping[str, float]) -> Self:
        """These settings with those in `overrides` replaced, by name."""
        return replace(self, **overrides)  # type: ignore[arg-type]  # top_k is an int

    def check_vocabulary(self, vocabulary_size: int) -> None:
        """Raise `InvalidFieldsError` if `top_k` exceeds the vocabulary."""
        if self.top_k > vocabulary_size:
            sentence = Sentence(
                "Must be at most the vocabulary size, %(size)s; got %(top_k)s.",
                size=vocabulary_size,
                top_k=self.top_k,
            )
            raise InvalidFieldsError({TOP_K.name: [sentence]})

    @property
    def reshapes(self) -> bool:
        """Whether the wheel's distribution differs from the model's own."""
        return any(
            getattr(self, spec.name) != spec.neutral for spec in WHEEL_SETTINGS if spec.reshapes
        )

    def as_dict(self) -> dict[str, float]:
        """The settings by name, in the order of the table."""
        return {name: getattr(self, name) for name in SETTING_NAMES}


NEUTRAL_SETTINGS = WheelSettings()


def given_settings(values: Mapping[str, Any]) -> dict[str, float]:
    """The wheel settings among the validated fields of a request; None means not given."""
    return {name: values[name] for name in SETTING_NAMES if values.get(name) is not None}
