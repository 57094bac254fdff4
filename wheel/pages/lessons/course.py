"""The lessons in the order of the course."""

from typing import Any

from wheel.pages.lessons.many_spins import ManySpins
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.pages.lessons.surprising_text import SurprisingText
from wheel.pages.lessons.text_lesson import TextLesson
from wheel.pages.lessons.tokens_are_not_words import TokensAreNotWords

COURSE: tuple[SessionLesson[Any] | TextLesson[Any, Any], ...] = (
    ManySpins(),
    SurprisingText(),
    TokensAreNotWords(),
)
