"""Lesson "What the filters cut": top-k, top-p and min-p side by side on one wheel."""

from collections.abc import Mapping
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.domain.wheel_settings import (
    MIN_P,
    NEUTRAL_SETTINGS,
    TOP_K,
    TOP_P,
    AnySettingSpec,
    WheelSettings,
)
from wheel.errors import InvalidFieldsError
from wheel.pages.forms import add_field_errors, setting_field
from wheel.pages.lessons.filter_columns import FilterColumn, FilterComparison
from wheel.pages.lessons.forms import PredictionForm
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.pages.words.numbers import setting
from wheel.services import SessionState

FILTERS: tuple[AnySettingSpec, ...] = (TOP_K, TOP_P, MIN_P)
ASKED = {TOP_K.name: 10, TOP_P.name: 0.9, MIN_P.name: 0.05}  # the values that the question names
LESSON = Lesson(
    key="filters",
    title=_("What the filters cut"),
    summary=_(
        "Top-k, top-p and min-p cut the same wheel. Which tokens does each of them take away?"
    ),
    question=_(
        "Three filters cut the same wheel. Top-k 10 keeps the ten likeliest tokens; top-p 0.9 the "
        "likeliest, until they have 90% together; min-p 0.05 all that are at least a twentieth as "
        "likely as the favourite. Which one keeps the most tokens?"
    ),
    choices=(
        Choice(TOP_K.name, _("Top-k: it always keeps ten")),
        Choice(TOP_P.name, _("Top-p: 90% is nearly the whole wheel")),
        Choice(MIN_P.name, _("Min-p: a twentieth is not much to ask for")),
    ),
    look_for=_(
        "All three keep the beginning of the same list, and differ only in where they stop. Do it "
        "again with another text: top-k stops at the same place on every wheel, while top-p and "
        "min-p keep few tokens when the model is sure and many when it is not."
    ),
    why=_(
        "A filter does not change what the model believes, which is the ring; it forbids the "
        "unlikely tokens, and those that stay share their part of the wheel."
    ),
    minutes=20,
    prompt="The best thing about school is",
)


class FiltersForm(PredictionForm):
    """The value of each filter. An empty field has the value that the question names."""

    def __init__(self, lesson: Lesson, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(lesson, None if data is None else with_defaults(data))
        for spec in FILTERS:
            self.fields[spec.name] = setting_field(spec)
            self.fields[spec.name].label = gettext(spec.label)

    @property
    def filter_fields(self) -> list[BoundField]:
        return [self[spec.name] for spec in FILTERS]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        values = {spec.name: data[spec.name] for spec in FILTERS if spec.name in data}
        try:
            WheelSettings(**values)
        except InvalidFieldsError as error:
            add_field_errors(self, error)
        return data


def with_defaults(data: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: data[name] for name in data if str(data[name]).strip()}
    return {name: setting(value) for name, value in ASKED.items()} | given


class Filters(SessionLesson[FiltersForm]):
    lesson = LESSON
    template_name = "lessons/filters.html"
    form_class = FiltersForm

    def experiment(self, state: SessionState, form: FiltersForm) -> FilterComparison:
        data: dict[str, Any] = form.cleaned_data
        chosen = columns(state, {spec.name: data[spec.name] for spec in FILTERS})
        asked = chosen if is_as_asked(chosen) else columns(state, ASKED)
        return FilterComparison(chosen, asked, data["prediction"])

    def announcement(self, experiment: FilterComparison) -> str:
        return " ".join(column.keeps for column in experiment.columns)


def columns(state: SessionState, values: Mapping[str, float]) -> list[FilterColumn]:
    """Each filter alone, on the model's own distribution. They are only compared, so a class that
    locks a setting does not lock this look at it."""
    settings = [NEUTRAL_SETTINGS.with_overrides({spec.name: values[spec.name]}) for spec in FILTERS]
    views = services.wheels_with(state=state, settings=settings)
    return [FilterColumn(spec, view) for spec, view in zip(FILTERS, views, strict=True)]


def is_as_asked(chosen: list[FilterColumn]) -> bool:
    return all(column.value == ASKED[column.spec.name] for column in chosen)
