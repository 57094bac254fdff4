"""The lessons in the order of the course."""

from typing import Any

from wheel.pages.lessons.filters import Filters
from wheel.pages.lessons.many_spins import ManySpins
from wheel.pages.lessons.one_draw import OneDraw
from wheel.pages.lessons.session_lesson import SessionLesson
from wheel.pages.lessons.the_favourite import TheFavourite

COURSE: tuple[SessionLesson[Any], ...] = (
    OneDraw(),
    ManySpins(),
    Filters(),
    TheFavourite(),
)
