"""The pooled wheel: the model's wheel after one beginning, and what the class has drawn there.

A hidden story still counts, since the counts would be wrong without it. Its words are not shown: a
token with which only hidden stories go on is named "hidden", on the wheel, on the ring and in the
table. A token that a visible story has too is shown, as it is on that story's card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel import services
from wheel.domain.pooled_draws import PooledDraws
from wheel.domain.story_tree import NodeName
from wheel.domain.token import Token
from wheel.errors import TokenWheelError
from wheel.models import Classroom, Half, Luck
from wheel.pages.drawing.wheel import segment_hues
from wheel.pages.wall.beginning_text import beginning_text
from wheel.pages.wall.pooled_table import PooledTable
from wheel.pages.wall.pooled_words import uncounted_sentences
from wheel.pages.wall.ring import draw_marks
from wheel.pages.words.messages import sentence
from wheel.pages.words.numbers import count
from wheel.services import WheelView
from wheel.services.classrooms import Beginning, NextDraws, Story, find_beginning

MAX_ENDING_LEN = 90


@dataclass(frozen=True)
class PooledWheel(PooledTable):
    """view: None without a wheel; then `obstacle` is the reason. half: of a class with two prompts.
    own_hues: of the segments, if they are not the usual ones."""

    classroom: Classroom
    beginning: Beginning | None
    next_draws: NextDraws | None = None
    view: WheelView | None = None
    obstacle: str = ""
    half: Half = Half.FIRST
    own_hues: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        return "pooled" if self.half == Half.FIRST else "pooled-second"

    @property
    def is_at_prompt(self) -> bool:
        return self.beginning is None or self.beginning.name is None

    @cached_property
    def text(self) -> str:
        """The end of the text before the wheel."""
        if self.beginning is None:
            return self.classroom.prompt_of(self.half).strip()
        return beginning_text(self.beginning, MAX_ENDING_LEN)

    @cached_property
    def draws(self) -> PooledDraws:
        return PooledDraws.on_wheel(
            self.table_view.wheel,
            self._next.token_ids,
            are_independent=self.classroom.luck != Luck.SHARED,
        )

    @property
    def share_drawn(self) -> float:
        return self._next.share_drawn

    @property
    def num_places(self) -> int:
        """The number of draws that are there or may come."""
        return self._next.num_draws + self._next.num_waiting

    @property
    def hub_words(self) -> str:
        """In the hub, below the number of draws."""
        words = ngettext("of %(all)s spin", "of %(all)s spins", self.num_places)
        return words % {"all": count(self.num_places)}

    @property
    def caption(self) -> str:
        return _(
            "Inside: the model's wheel. The outer ring: what the class has drawn. It is full when "
            "everybody here has spun."
        )

    @property
    def draw_marks(self) -> str:
        return draw_marks(self.num_places)

    @cached_property
    def key(self) -> str:
        return self.key_after(self._beginning)

    @cached_property
    def hues(self) -> list[int]:
        return list(self.own_hues or segment_hues(self.table_view.wheel))

    @property
    def hue_by_token_id(self) -> dict[int, int | None]:
        """The hue of each token with a segment that is drawn singly."""
        return {
            segment.token_id: hue
            for segment, hue in zip(self.draws.segments, self.hues, strict=False)
            if segment.token_id is not None
        }

    @property
    def uncounted(self) -> list[str]:
        return uncounted_sentences(self._next)

    def visible_token(self, token_id: int) -> Token | None:
        is_hidden = token_id in self._beginning.hidden_token_ids
        return None if is_hidden else self.table_view.state.token(token_id)

    @property
    def _next(self) -> NextDraws:
        assert self.next_draws is not None
        return self.next_draws

    @property
    def _beginning(self) -> Beginning:
        assert self.beginning is not None
        return self.beginning


def build_pooled_wheel(
    classroom: Classroom,
    stories: Sequence[Story],
    fork: NodeName | None,
    half: Half = Half.FIRST,
) -> PooledWheel | None:
    """The wheel of the class at the fork; at the prompt of a half of it without one. None if the
    class has no text yet. stories: of all members.

    An error of the engine is shown instead of the wheel, so that the rest of the wall stays.
    """
    beginning = None
    try:
        beginning = find_beginning(classroom, stories, fork, half)
        if beginning is None:
            return None
        settings = classroom.wheel_settings
        view = services.wheel_after(
            model_id=beginning.model_id, token_ids=beginning.token_ids, settings=settings
        )
    except TokenWheelError as error:
        return PooledWheel(classroom, beginning, obstacle=sentence(error), half=half)
    return PooledWheel(classroom, beginning, NextDraws.after(beginning, settings), view, half=half)
