"""The pooled wheel: the model's wheel after one beginning, and what the class has drawn there.

A hidden story still counts, since the counts would be wrong without it. Its words are not shown: a
token with which only hidden stories go on is named "hidden", on the wheel, on the ring and in the
table. A token that a visible story has too is shown, as it is on that story's card.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext as _

from wheel import services
from wheel.domain.pooled_draws import DrawnInOther, PooledDraws, PooledSegment
from wheel.domain.story_tree import NodeName
from wheel.domain.token import Token
from wheel.errors import TokenWheelError
from wheel.models import Classroom, Luck
from wheel.pages.drawing.labels import sector_label
from wheel.pages.drawing.shapes import DrawnSegment, RingArc
from wheel.pages.drawing.wheel import WheelPicture, num_shown, segment_hues
from wheel.pages.wall.band import Band, has_intervals, scale_of
from wheel.pages.wall.beginning_text import beginning_text
from wheel.pages.wall.keys import key_of
from wheel.pages.wall.pooled_words import (
    chance_sentence,
    missed_sentence,
    scale_words,
    telling_sentence,
    uncounted_sentences,
    verdict_words,
)
from wheel.pages.wall.ring import RADIUS, WIDTH, ObservedArc, draw_marks, observed_arcs
from wheel.pages.words.counts import narrow_text, other_text
from wheel.pages.words.directions import text_direction
from wheel.pages.words.messages import sentence
from wheel.services import WheelView
from wheel.services.classrooms import Beginning, NextDraws, Story, find_beginning

MAX_ROWS = 10  # of single tokens; the others are in a part of the table that opens
MAX_ENDING_LEN = 90
MAX_NAMED_IN_OTHER = 8


@dataclass(frozen=True, slots=True)
class PooledRow:
    """A row of the table. token: None for Other, and for a token that only hidden stories have.
    band: None for Other."""

    segment: PooledSegment
    token: Token | None
    text: str
    hue_index: int | None
    band: Band | None
    key: str

    @property
    def verdict(self) -> str:
        return verdict_words(self.segment.verdict)


@dataclass(frozen=True, slots=True)
class OtherDraw:
    """A token of Other that was drawn. token: None if only hidden stories have it."""

    token: Token | None
    count: int


@dataclass(frozen=True)
class PooledWheel:
    """view: None without a wheel; then `obstacle` is the reason."""

    classroom: Classroom
    beginning: Beginning | None
    next_draws: NextDraws | None = None
    view: WheelView | None = None
    obstacle: str = ""

    @property
    def is_at_prompt(self) -> bool:
        return self.beginning is None or self.beginning.name is None

    @cached_property
    def text(self) -> str:
        """The end of the text before the wheel."""
        if self.beginning is None:
            return self.classroom.prompt.strip()
        return beginning_text(self.beginning, MAX_ENDING_LEN)

    @property
    def direction(self) -> str:
        return text_direction(self.text)

    @cached_property
    def draws(self) -> PooledDraws:
        return PooledDraws.on_wheel(
            self._wheel.wheel,
            self._next.token_ids,
            are_independent=self.classroom.luck != Luck.SHARED,
        )

    @property
    def num_draws(self) -> int:
        return self._next.num_draws

    @property
    def num_places(self) -> int:
        """The number of draws that are there or may come."""
        return self._next.num_draws + self._next.num_waiting

    @cached_property
    def picture(self) -> WheelPicture:
        return WheelPicture(self._wheel)

    @cached_property
    def segments(self) -> list[DrawnSegment]:
        """The segments of the wheel. None of them opens."""
        return [self._segment(segment) for segment in self.picture.segments]

    @property
    def model_ring(self) -> list[RingArc]:
        """The model's own distribution, if the class's settings reshape it."""
        return self.picture.ring

    @cached_property
    def arcs(self) -> list[ObservedArc]:
        return observed_arcs(self.draws, self.hues, self._next.share_drawn, self.key)

    @property
    def draw_marks(self) -> str:
        return draw_marks(self.num_places)

    @property
    def ring_radius(self) -> str:
        return f"{RADIUS:g}"

    @property
    def ring_width(self) -> str:
        return f"{WIDTH:g}"

    @cached_property
    def key(self) -> str:
        """Differs between places and settings, so that only equal wheels grow into each other."""
        settings = repr(self._wheel.settings.as_dict()).encode()
        return key_of([*self._beginning.token_ids, *settings])

    @cached_property
    def hues(self) -> list[int]:
        return segment_hues(self._wheel.wheel)

    @property
    def hue_by_token_id(self) -> dict[int, int | None]:
        """The hue of each token with a segment that is drawn singly."""
        return {
            segment.token_id: hue
            for segment, hue in zip(self.draws.segments, self.hues, strict=False)
            if segment.token_id is not None
        }

    @cached_property
    def rows(self) -> list[PooledRow]:
        """The first segments of single tokens."""
        return self._token_rows[:MAX_ROWS]

    @cached_property
    def further_rows(self) -> list[PooledRow]:
        """The other segments that are drawn singly."""
        return self._token_rows[MAX_ROWS:]

    @property
    def num_drawn_in_further_rows(self) -> int:
        return sum(row.segment.count for row in self.further_rows)

    @cached_property
    def other_row(self) -> PooledRow | None:
        """None if all tokens have a segment, or if those of Other cannot be drawn and were not."""
        other = self.draws.segments[-1]
        if other.token_id is not None or not (other.expected_prob or other.count):
            return None
        return self._row(other, None, other_text(self._wheel.wheel.num_other), None)

    @property
    def drawn_in_other(self) -> list[OtherDraw]:
        return [self._other_draw(drawn) for drawn in self.draws.inside_other[:MAX_NAMED_IN_OTHER]]

    @property
    def num_not_named_in_other(self) -> int:
        return len(self.draws.inside_other[MAX_NAMED_IN_OTHER:])

    @cached_property
    def narrow_text(self) -> str:
        """Segments that are too narrow to be drawn singly, with their number; empty if there are
        none."""
        num_narrow = self._wheel.wheel.num_above_possible - num_shown(self._wheel.wheel)
        return narrow_text(num_narrow) if num_narrow else ""

    @property
    def num_drawn_narrow(self) -> int:
        narrow = self.draws.segments[num_shown(self._wheel.wheel) :]
        return sum(segment.count for segment in narrow if segment.token_id is not None)

    @property
    def has_bands(self) -> bool:
        return has_intervals(self.draws)

    @cached_property
    def scale(self) -> float:
        """The share at the end of the bands' axis."""
        return scale_of(self.draws)

    @property
    def scale_words(self) -> str:
        return scale_words(self.scale)

    @property
    def chance(self) -> str:
        return chance_sentence(self.draws)

    @property
    def telling(self) -> str:
        """For the likeliest token that may be shown."""
        row = next((row for row in self._token_rows if row.token), None)
        if row is None or row.token is None:
            return ""
        return telling_sentence(self.draws, row.segment, row.token)

    @property
    def missed(self) -> str:
        return missed_sentence(self.draws)

    @property
    def uncounted(self) -> list[str]:
        return uncounted_sentences(self._next)

    @property
    def summary(self) -> str:
        """The picture in a sentence, for screen readers."""
        named = "; ".join(segment.name for segment in self.segments[:3])
        return _(
            "Wheel of the next token, and round it %(number)s spins of the class. The largest "
            "segments: %(segments)s. The table has all numbers."
        ) % {"number": self.num_draws, "segments": named}

    @property
    def _wheel(self) -> WheelView:
        assert self.view is not None
        return self.view

    @property
    def _next(self) -> NextDraws:
        assert self.next_draws is not None
        return self.next_draws

    @property
    def _beginning(self) -> Beginning:
        assert self.beginning is not None
        return self.beginning

    @cached_property
    def _token_rows(self) -> list[PooledRow]:
        """Without the tokens that cannot be drawn and were not."""
        return [
            self._token_row(segment, hue)
            for segment, hue in zip(self.draws.segments, self.hues, strict=False)
            if segment.token_id is not None and (segment.expected_prob or segment.count)
        ]

    def _token_row(self, segment: PooledSegment, hue: int) -> PooledRow:
        assert segment.token_id is not None
        token = self._visible_token(segment.token_id)
        return self._row(segment, token, "" if token else _("hidden"), hue)

    def _row(
        self, segment: PooledSegment, token: Token | None, text: str, hue: int | None
    ) -> PooledRow:
        band = Band(segment, self.scale) if segment.token_id is not None else None
        return PooledRow(segment, token, text, hue, band, f"{self.key}-{segment.segment_index}")

    def _visible_token(self, token_id: int) -> Token | None:
        is_hidden = token_id in self._beginning.hidden_token_ids
        return None if is_hidden else self._wheel.state.token(token_id)

    def _other_draw(self, drawn: DrawnInOther) -> OtherDraw:
        return OtherDraw(self._visible_token(drawn.token_id), drawn.count)

    def _segment(self, segment: DrawnSegment) -> DrawnSegment:
        if segment.token_id is None or self._visible_token(segment.token_id):
            return replace(segment, opens_rank=None)
        text = _("hidden")
        label = sector_label(text, segment.start, segment.end, captions=[(segment.share,)])
        return replace(segment, text=text, spoken_text=text, label=label, token_id=None)


def build_pooled_wheel(
    classroom: Classroom, stories: Sequence[Story], fork: NodeName | None
) -> PooledWheel | None:
    """The wheel of the class at the fork; at the shared prompt without one. None if the class has
    no text yet. stories: of all members.

    An error of the engine is shown instead of the wheel, so that the rest of the wall stays.
    """
    beginning = None
    try:
        beginning = find_beginning(classroom, stories, fork)
        if beginning is None:
            return None
        settings = classroom.wheel_settings
        view = services.wheel_after(
            model_id=beginning.model_id, token_ids=beginning.token_ids, settings=settings
        )
    except TokenWheelError as error:
        return PooledWheel(classroom, beginning, obstacle=sentence(error))
    return PooledWheel(classroom, beginning, NextDraws.after(beginning, settings), view)
