"""Lesson "The favourite every time": a text that always takes the favourite beside a drawn one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.domain.simulated_draws import MAX_SEED
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS
from wheel.pages.drawing.still_wheel import StillWheel
from wheel.pages.lessons.forms import PredictionForm
from wheel.pages.lessons.growth_view import GrowthStart, GrowthView
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.luck_seeds import first_seed
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.services import SessionState

LESSON = Lesson(
    key="the-favourite",
    title=_("The favourite every time"),
    summary=_("What if the largest segment always won? Two texts grow from the same words."),
    question=_(
        "From these words on the largest segment wins every time, without any luck. What becomes "
        "of the text?"
    ),
    choices=(
        Choice("best", _("The best text that the model can write")),
        Choice("loop", _("It goes round in circles")),
        Choice("same", _("A text like any other: no reader could tell")),
    ),
    look_for=_(
        "Compare the lines: where the text of the favourite begins to repeat itself, its wheels "
        "become surer and surer, while the drawn text stays hard to guess. Try other luck: the "
        "drawn text is a new one each time, that of the favourite never is."
    ),
    why=_(
        "Each repetition makes the next one likelier, and without luck nothing leads out of the "
        "circle."
    ),
    minutes=15,
    prompt="We went to the beach and",
)


class GrowthForm(PredictionForm):
    """Without a seed, nothing has grown yet."""

    seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, required=False)


class TheFavourite(SessionLesson[GrowthForm]):
    lesson = LESSON
    template_name = "lessons/the_favourite.html"
    form_class = GrowthForm

    def experiment(self, state: SessionState, form: GrowthForm) -> GrowthStart | GrowthView:
        data: dict[str, Any] = form.cleaned_data
        if data["seed"] is None:
            view = services.wheels_with(state=state, settings=[NEUTRAL_SETTINGS])[0]
            return GrowthStart(StillWheel(view), first_seed(state.session.session_id))
        growth = services.grow_texts(state=state, seed=data["seed"])
        return GrowthView(growth, data["prediction"])

    def announcement(self, experiment: GrowthStart | GrowthView) -> str:
        return experiment.verdict if isinstance(experiment, GrowthView) else ""
