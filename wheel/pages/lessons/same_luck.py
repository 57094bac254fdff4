"""Lesson "Same luck, other temperature": the same random numbers on wheels at five temperatures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.domain.simulated_draws import MAX_SEED
from wheel.pages.lessons.forms import PredictionForm
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.luck_grid import LuckGrid
from wheel.pages.lessons.luck_seeds import first_seed, next_seed
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.services import SessionState

LESSON = Lesson(
    key="same-luck",
    title=_("Same luck, other temperature"),
    summary=_("The wheel stops at the same angle five times. Only the temperature differs."),
    question=_(
        "Twenty spins at temperature 1. Now the same luck again, every stop at the same angle, but "
        "at temperature 2. How many of the twenty become another token?"
    ),
    choices=(
        Choice("none", _("None: the luck is the same")),
        Choice("few", _("A few: at most ten")),
        Choice("most", _("Most: more than ten")),
    ),
    look_for=_(
        "Follow one row from left to right: the angle stays, but the token under it is less and "
        "less likely. Then compare the columns: how many different tokens does each have?"
    ),
    why=_(
        "Temperature changes neither the luck nor the order of the tokens: it makes the segments "
        "of the favourites wider or narrower, so the same angle meets another one."
    ),
    minutes=15,
    prompt="In the dark forest lived a",
)
NUMS_STOPS = (1, 20)


class SameLuckForm(PredictionForm):
    """
    num_stops  20 by default
    seed       the session's first by default
    stop       the 1-based row whose angle the wheels show; the first by default
    """

    num_stops = forms.TypedChoiceField(
        choices=[(number, number) for number in NUMS_STOPS],
        coerce=int,
        empty_value=None,
        required=False,
    )
    seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, required=False)
    stop = forms.IntegerField(min_value=1, max_value=NUMS_STOPS[-1], required=False)


class SameLuck(SessionLesson[SameLuckForm]):
    lesson = LESSON
    template_name = "lessons/same_luck.html"
    form_class = SameLuckForm

    def experiment(self, state: SessionState, form: SameLuckForm) -> LuckGrid:
        data: dict[str, Any] = form.cleaned_data
        num_stops, stop = data["num_stops"] or NUMS_STOPS[-1], data["stop"] or 1
        seed = data["seed"]
        if seed is None:
            seed = first_seed(state.session.session_id)
        return LuckGrid(
            replay=services.replay_luck(state=state, num_us=num_stops, seed=seed),
            prediction=data["prediction"],
            seed=seed,
            other_seed=next_seed(seed),
            chosen_idx=min(stop, num_stops) - 1,
            nums_stops=NUMS_STOPS,
        )
