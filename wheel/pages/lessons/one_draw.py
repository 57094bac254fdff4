"""Lesson "One draw after another": a tour on the wheel page, then the story that came of it."""

from django.utils.translation import gettext_lazy as _

from wheel.pages.lessons.drawn_story import DrawnStory
from wheel.pages.lessons.forms import PredictionForm
from wheel.pages.lessons.lesson import Choice, Lesson
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.services import SessionState

LESSON = Lesson(
    key="one-draw-after-another",
    title=_("One draw after another"),
    summary=_("A tour in five steps on the real wheel: how a text comes about, token by token."),
    question=_(
        "You are going to draw tokens, one after another. How often will the largest segment win?"
    ),
    choices=(
        Choice("always", _("Every time: it is the largest")),
        Choice("sometimes", _("Sometimes: the larger its share, the more often")),
        Choice("never", _("Hardly ever: all the others together are larger")),
    ),
    look_for=_(
        "Each token makes another text, and each text has a wheel of its own. A token with many "
        "bits was hard to guess; one with few was nearly certain."
    ),
    why=_(
        "A language model only computes the shares of the next token; the text is what chance "
        "makes of them, one draw after another."
    ),
    minutes=10,
    prompt="Once upon a time, there was a little",
)


class OneDraw(SessionLesson[PredictionForm]):
    lesson = LESSON
    template_name = "lessons/one_draw.html"
    form_class = PredictionForm

    def experiment(self, state: SessionState, form: PredictionForm) -> DrawnStory:
        return DrawnStory(state, form.cleaned_data["prediction"])
