"""Lesson "Spin it 1,000 times": many draws from one wheel, observed beside expected."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.domain.draw_steps import step_sizes
from wheel.domain.simulated_draws import MAX_SEED, SimulatedDraws
from wheel.pages.lessons.forms import PredictionForm
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.luck_seeds import first_seed, next_seed
from wheel.pages.lessons.many_spins_view import SpinExperiment
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.services import SessionState, WheelView

LESSON = Lesson(
    key="many-spins",
    title=_("Spin it 1,000 times"),
    summary=_("One wheel, many spins: when do the shares become what the wheel says?"),
    question=_("A token has 1% of the wheel. How often does it come up in thirty spins?"),
    choices=(
        Choice("never", _("Almost surely never")),
        Choice("seldom", _("Mostly not at all: about one time in four it comes up")),
        Choice("once", _("Almost surely once or twice")),
    ),
    look_for=_(
        "With ten spins the bars are far from the wheel; with 10,000 they are close. Look at a "
        "small segment too: how many spins does it take until it comes up at all?"
    ),
    why=_(
        "Each spin is drawn anew and remembers nothing, so only the long run comes close to the "
        "probabilities."
    ),
    minutes=15,
    prompt="I flipped a coin and it came up",
)
NUMS_SPINS = (1, 10, 100, 1_000, 10_000)
STEPS = step_sizes(NUMS_SPINS[-1])


class ManySpinsForm(PredictionForm):
    """
    num_spins  without it, the wheel is only looked at
    seed       the session's first by default
    """

    num_spins = forms.TypedChoiceField(
        choices=[(number, number) for number in STEPS],
        coerce=int,
        empty_value=None,
        required=False,
    )
    seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, required=False)


class ManySpins(SessionLesson[ManySpinsForm]):
    lesson = LESSON
    template_name = "lessons/many_spins.html"
    form_class = ManySpinsForm

    def experiment(self, state: SessionState, form: ManySpinsForm) -> SpinExperiment:
        data: dict[str, Any] = form.cleaned_data
        seed = data["seed"]
        if seed is None:
            seed = first_seed(state.session.session_id)
        view, draws = self.spin(state, data["num_spins"], seed)
        return SpinExperiment(view, data["prediction"], seed, next_seed(seed), draws, NUMS_SPINS)

    def spin(
        self, state: SessionState, num_spins: int | None, seed: int
    ) -> tuple[WheelView, SimulatedDraws | None]:
        """The wheel, and its draws if there are spins."""
        if num_spins is None:
            return services.serve_wheel(state=state, is_stored=False), None
        session_id = state.session.session_id
        simulation = services.simulate(session_id=session_id, num_spins=num_spins, seed=seed)
        return simulation.view, simulation.draws
