"""Draws of a class on one wheel: the picture of the wheel with a ring of draws, and the table with
expected and drawn shares, token by token, Other last."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext as _

from wheel.domain.pooled_draws import DrawnInOther, PooledDraws, PooledSegment
from wheel.domain.token import Token
from wheel.pages.drawing.labels import sector_label
from wheel.pages.drawing.shapes import DrawnSegment, RingArc
from wheel.pages.drawing.still_wheel import StillWheel
from wheel.pages.drawing.wheel import num_shown, segment_hues
from wheel.pages.wall.band import Band, has_intervals, scale_of
from wheel.pages.wall.keys import key_of
from wheel.pages.wall.pooled_words import (
    chance_sentence,
    missed_sentence,
    scale_words,
    telling_sentence,
    verdict_words,
)
from wheel.pages.wall.ring import RADIUS, WIDTH, ObservedArc, observed_arcs
from wheel.pages.words.counts import narrow_text, other_text
from wheel.pages.words.directions import text_direction
from wheel.services import WheelView
from wheel.services.classrooms import Beginning

MAX_ROWS = 10  # of single tokens; the others are in a part of the table that opens
MAX_NAMED_IN_OTHER = 8
LONG_COUNT = 10_000


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


class PooledTable(ABC):
    """Draws on one wheel, as a ring and as a table."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Distinguishes the elements of two tables on one page."""

    @property
    @abstractmethod
    def view(self) -> WheelView | None:
        """The wheel, if there is one."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The end of the text before the wheel."""

    @property
    @abstractmethod
    def draws(self) -> PooledDraws:
        """On that wheel."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Differs between places and settings, so that only equal wheels grow into each other."""

    @property
    def direction(self) -> str:
        return text_direction(self.text)

    @property
    def table_view(self) -> WheelView:
        """The wheel; there must be one."""
        assert self.view is not None
        return self.view

    def key_after(self, beginning: Beginning) -> str:
        """Of the wheel after this beginning."""
        settings = repr(self.table_view.settings.as_dict()).encode()
        return key_of([*beginning.token_ids, *settings])

    @property
    def share_drawn(self) -> float:
        """The part of the ring that the draws fill."""
        return 1.0

    @abstractmethod
    def visible_token(self, token_id: int) -> Token | None:
        """None for a token that only hidden stories have."""

    @property
    def num_draws(self) -> int:
        return self.draws.num_draws

    @property
    def has_long_count(self) -> bool:
        """Whether the number of draws needs small digits in the hub."""
        return self.num_draws >= LONG_COUNT

    @cached_property
    def hues(self) -> list[int]:
        return segment_hues(self.table_view.wheel)

    @cached_property
    def picture(self) -> StillWheel:
        return StillWheel(self.table_view, self.hues)

    @cached_property
    def segments(self) -> list[DrawnSegment]:
        """The segments of the wheel, those of hidden tokens without their words."""
        return [self._segment(segment) for segment in self.picture.segments]

    @property
    def model_ring(self) -> list[RingArc]:
        """The model's own distribution, if the class's settings reshape it."""
        return self.picture.ring

    @property
    def summary(self) -> str:
        """The picture in a sentence, for screen readers."""
        named = "; ".join(segment.name for segment in self.segments[:3])
        return _(
            "Wheel of the next token, and round it %(number)s spins of the class. The largest "
            "segments: %(segments)s. The table has all numbers."
        ) % {"number": self.num_draws, "segments": named}

    @cached_property
    def arcs(self) -> list[ObservedArc]:
        return observed_arcs(self.draws, self.hues, self.share_drawn, self.key)

    @property
    def ring_radius(self) -> str:
        return f"{RADIUS:g}"

    @property
    def ring_width(self) -> str:
        return f"{WIDTH:g}"

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
        return self._row(other, None, other_text(self.table_view.wheel.num_other), None)

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
        wheel = self.table_view.wheel
        num_narrow = wheel.num_above_possible - num_shown(wheel)
        return narrow_text(num_narrow) if num_narrow else ""

    @property
    def num_drawn_narrow(self) -> int:
        narrow = self.draws.segments[num_shown(self.table_view.wheel) :]
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
        return scale_words(self.scale, has_bands=self.has_bands)

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
        token = self.visible_token(segment.token_id)
        return self._row(segment, token, "" if token else _("hidden"), hue)

    def _row(
        self, segment: PooledSegment, token: Token | None, text: str, hue: int | None
    ) -> PooledRow:
        band = Band(segment, self.scale) if segment.token_id is not None else None
        return PooledRow(segment, token, text, hue, band, f"{self.key}-{segment.segment_index}")

    def _other_draw(self, drawn: DrawnInOther) -> OtherDraw:
        return OtherDraw(self.visible_token(drawn.token_id), drawn.count)

    def _segment(self, segment: DrawnSegment) -> DrawnSegment:
        if segment.token_id is None or self.visible_token(segment.token_id):
            return segment
        text = _("hidden")
        label = sector_label(text, segment.start, segment.end, captions=[(segment.share,)])
        return replace(segment, text=text, spoken_text=text, label=label, token_id=None)
