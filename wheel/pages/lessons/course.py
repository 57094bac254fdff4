"""The lessons in the order of the course."""

from typing import Any

from wheel.pages.lessons.counting_model import CountingLesson
from wheel.pages.lessons.filters import Filters
from wheel.pages.lessons.guess_first import GuessFirst
from wheel.pages.lessons.many_spins import ManySpins
from wheel.pages.lessons.one_draw import OneDraw
from wheel.pages.lessons.one_word_changed import OneWordChanged
from wheel.pages.lessons.same_luck import SameLuck
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.pages.lessons.surprising_text import SurprisingText
from wheel.pages.lessons.text_lesson import TextLesson
from wheel.pages.lessons.the_favourite import TheFavourite
from wheel.pages.lessons.tokens_are_not_words import TokensAreNotWords

COURSE: tuple[SessionLesson[Any] | TextLesson[Any, Any], ...] = (
    OneDraw(),
    ManySpins(),
    SameLuck(),
    Filters(),
    TheFavourite(),
    GuessFirst(),
    SurprisingText(),
    OneWordChanged(),
    TokensAreNotWords(),
    CountingLesson(),
)


def find_lesson(key: str) -> SessionLesson[Any] | TextLesson[Any, Any] | None:
    """The lesson with this key; None if there is none."""
    return next((page for page in COURSE if page.lesson.key == key), None)
