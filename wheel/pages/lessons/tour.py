"""The tour on the wheel page: the words of its steps, which its lesson lists too, as template
tags."""

from dataclasses import dataclass

from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wheel.pages.lessons.one_draw import LESSON

register = template.Library()

TOUR_STEPS: dict[str, str | Promise] = {
    "guess": _(
        "Which token comes next? Tap your guess on the wheel or in the list, or say it aloud."
    ),
    "spin": _("Now spin. Chance decides, and a larger share comes up more often."),
    "context": _("A new text, so this is another wheel: each draw begins anew."),
    "look": _("Open Other (grey), or tap your token: how surprising was it?"),
    "temperature": _(
        "Now turn the temperature up or down, and watch the wheel. The ring is what the model "
        "itself believes."
    ),
}


@dataclass(frozen=True, slots=True)
class Tour:
    """A tour that begins with the page. lesson_address: of the comparison with the prediction."""

    lesson_address: str


@register.simple_tag
def tour_steps() -> list[str | Promise]:
    return list(TOUR_STEPS.values())


@register.simple_tag
def tour_words(step: str) -> str | Promise:
    return TOUR_STEPS[step]


@register.simple_tag
def tour_number(step: str) -> int:
    """From 1."""
    return list(TOUR_STEPS).index(step) + 1


@register.simple_tag
def tour_length() -> int:
    return len(TOUR_STEPS)


@register.simple_tag
def asked_tour(query: QueryDict, session_id: str) -> Tour | None:
    """The tour that the query of a wheel page asks for: `tour` holds the prediction."""
    prediction = query.get("tour")
    if prediction is None:
        return None
    address = reverse(LESSON.experiment_url_name, args=[session_id])
    if prediction in [choice.key for choice in LESSON.choices]:
        address = f"{address}?prediction={prediction}"
    return Tour(address)
