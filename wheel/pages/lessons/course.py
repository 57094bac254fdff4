"""The lessons in the order of the course."""

from typing import Any

from wheel.pages.lessons.guess_first import GuessFirst
from wheel.pages.lessons.many_spins import ManySpins
from wheel.pages.lessons.one_word_changed import OneWordChanged
from wheel.pages.lessons.session_lesson import SessionLesson

COURSE: tuple[SessionLesson[Any], ...] = (
    ManySpins(),
    GuessFirst(),
    OneWordChanged(),
)
