"""The sum of all simulated spins of a class that does "Spin it 1,000 times"."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel import services
from wheel.domain.pooled_draws import PooledDraws
from wheel.domain.token import Token
from wheel.errors import TokenWheelError
from wheel.models import Classroom, Half
from wheel.pages.lessons.many_spins import LESSON
from wheel.pages.wall.beginning_text import beginning_text
from wheel.pages.wall.pooled_table import PooledTable
from wheel.pages.words.messages import sentence
from wheel.pages.words.numbers import count
from wheel.services import WheelView
from wheel.services.classrooms import (
    Beginning,
    ClassDraws,
    Story,
    find_beginning,
    find_class_draws,
)

MAX_TEXT_LEN = 90
MAX_SPINS_THAT_MISS = 500


@dataclass(frozen=True)
class ClassSpins(PooledTable):
    """view, found: None if there is an `obstacle`.

    Each member draws with a seed of its own, also in a class with the same luck for everybody, so
    the draws are independent. Those of equal seeds are counted once.
    """

    beginning: Beginning | None
    view: WheelView | None = None
    found: ClassDraws | None = None
    obstacle: str = ""

    draw_marks = ""

    @property
    def name(self) -> str:
        return "spins"

    @property
    def text(self) -> str:
        return beginning_text(self.beginning, MAX_TEXT_LEN) if self.beginning else ""

    @cached_property
    def draws(self) -> PooledDraws:
        return PooledDraws.of_counts(self.table_view.wheel, self._found.counts)

    @cached_property
    def key(self) -> str:
        assert self.beginning is not None
        return f"{self.name}-{self.key_after(self.beginning)}"

    @property
    def hub_words(self) -> str:
        """In the hub, below the number of draws."""
        return ngettext("spin", "spins", self.num_draws)

    @property
    def missed(self) -> str:
        """Only while it is not nearly impossible."""
        return super().missed if self.num_draws <= MAX_SPINS_THAT_MISS else ""

    @property
    def caption(self) -> str:
        return _("Inside: the model's wheel. The outer ring: all spins of the class together.")

    @property
    def progress(self) -> str:
        """Whose spins these are: 12 have spun · 3 have not yet."""
        found = self._found
        spun = ngettext("%(number)s has spun", "%(number)s have spun", found.num_members)
        parts = [spun % {"number": count(found.num_members)}]
        if num := found.num_waiting:
            waiting = ngettext("%(number)s has not yet", "%(number)s have not yet", num)
            parts.append(waiting % {"number": count(num)})
        return " · ".join(parts)

    @property
    def uncounted(self) -> list[str]:
        """Simulations that are not in the sum."""
        sentences = []
        if num := self._found.num_others:
            sentences.append(
                ngettext(
                    "%(number)s has spun another text or with other knobs, and is not counted.",
                    "%(number)s have spun another text or with other knobs, and are not counted.",
                    num,
                )
                % {"number": count(num)}
            )
        if num := self._found.num_repeated:
            sentences.append(
                ngettext(
                    "%(number)s has the same luck as another one: equal spins are counted once.",
                    "%(number)s have the same luck as another one: equal spins are counted once.",
                    num,
                )
                % {"number": count(num)}
            )
        return sentences

    def visible_token(self, token_id: int) -> Token:
        """A simulation is no story, so it has no words to hide."""
        return self.table_view.state.token(token_id)

    @property
    def _found(self) -> ClassDraws:
        assert self.found is not None
        return self.found


def build_class_spins(
    classroom: Classroom, stories: Sequence[Story], half: Half = Half.FIRST
) -> ClassSpins | None:
    """At the prompt of the class. None for a class that does another lesson, and for one without a
    text yet. An error of the engine is shown instead of the wheel."""
    if classroom.lesson != LESSON.key:
        return None
    beginning = None
    try:
        beginning = find_beginning(classroom, stories, half=half)
        if beginning is None:
            return None
        view = services.wheel_after(
            model_id=beginning.model_id,
            token_ids=beginning.token_ids,
            settings=classroom.wheel_settings,
        )
    except TokenWheelError as error:
        return ClassSpins(beginning, obstacle=sentence(error))
    return ClassSpins(beginning, view, find_class_draws(classroom, stories, beginning, view))
