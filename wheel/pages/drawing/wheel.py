"""Drawing of the whole wheel: a path, a hue and a label for every segment."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from django.utils.translation import gettext as _

from wheel.domain.segments import WheelSegment
from wheel.domain.token import Token
from wheel.pages.drawing.labels import has_room_for_sign, sector_label
from wheel.pages.drawing.names import token_name
from wheel.pages.drawing.palette import hue_indices
from wheel.pages.drawing.ring import ring_arcs
from wheel.pages.drawing.shapes import DrawnSegment, RingArc, visible_segments
from wheel.pages.words.counts import narrow_text, other_text
from wheel.pages.words.directions import isolated
from wheel.pages.words.numbers import count, percent
from wheel.services import WheelView

MAX_DRAWN_SEGMENTS = 200
MAX_NAMED_SEGMENTS = 3


@dataclass(frozen=True)
class WheelPicture:
    """The whole wheel as the page draws it."""

    view: WheelView
    depth: ClassVar[int] = 0
    next_depth: ClassVar[int] = 1

    @cached_property
    def segments(self) -> list[DrawnSegment]:
        """Clockwise from 12 o'clock, Other last. Segments without width are left out."""
        return visible_segments([*self._tokens(), *self._narrow(), *self._other()])

    @cached_property
    def ring(self) -> list[RingArc]:
        """Empty while the knobs leave the model's distribution as it is."""
        if not self.view.settings.reshapes:
            return []
        return ring_arcs(self.view, segment_hues(self.view))

    @property
    def summary(self) -> str:
        """The wheel in a sentence, for screen readers."""
        named = [segment.name for segment in self.segments[:MAX_NAMED_SEGMENTS]]
        return _("Wheel of the next token. The largest segments: %(segments)s.") % {
            "segments": "; ".join(named)
        }

    def _tokens(self) -> Iterator[DrawnSegment]:
        own = self.view.wheel.segments[: num_shown(self.view)]
        for segment, hue_index in zip(own, segment_hues(self.view), strict=True):
            yield self._token(segment, hue_index)

    def _token(self, segment: WheelSegment, hue_index: int) -> DrawnSegment:
        token, prob = self._token_and_prob(segment)
        drawn = token_segment(token, prob, segment.start, segment.end)
        return replace(drawn, segment_index=segment.segment_index, hue_index=hue_index)

    def _token_and_prob(self, segment: WheelSegment) -> tuple[Token, float]:
        assert segment.token_id is not None
        prob = float(self.view.wheel.distribution.probs[segment.token_id])
        return self.view.state.token(segment.token_id), prob

    def _narrow(self) -> Iterator[DrawnSegment]:
        """The segments beyond the first 200, as one. They exist only at a very low
        threshold."""
        wheel = self.view.wheel
        num_narrow = num_above_possible(self.view) - num_shown(self.view)
        if num_narrow:
            start = wheel.segments[MAX_DRAWN_SEGMENTS].start
            narrow = wheel.distribution.first_token_ids(wheel.num_above)[MAX_DRAWN_SEGMENTS:]
            prob = float(wheel.distribution.probs[narrow].sum())
            text = narrow_text(num_narrow)
            narrow_segment = grey_segment(
                "narrow", num_narrow, text, prob, start, wheel.other_start
            )
            yield replace(narrow_segment, opens_rank=MAX_DRAWN_SEGMENTS + 1)

    def _other(self) -> Iterator[DrawnSegment]:
        wheel = self.view.wheel
        if wheel.num_other:
            num, text = wheel.num_other, other_text(wheel.num_other)
            other = grey_segment("other", num, text, wheel.other_prob, wheel.other_start, 1.0)
            opens_rank = wheel.num_above + 1 if wheel.other_prob > 0 else None
            yield replace(other, segment_index=wheel.num_above, opens_rank=opens_rank)


def token_segment(token: Token, prob: float, start: float, end: float) -> DrawnSegment:
    """The segment of a single token, from `start` to `end` in turns."""
    share = percent(prob)
    return DrawnSegment(
        kind="token",
        text=isolated(token),
        share=share,
        label=sector_label(token.display_text, start, end, captions=[(share,)]),
        start=start,
        end=end,
        token_id=token.token_id,
        spoken_text=token_name(token),
    )


def grey_segment(
    kind: str, num: int, text: str, prob: float, start: float, end: float
) -> DrawnSegment:
    """A segment of `num` tokens. `text` begins with that number, which gets a separate line
    if there is room."""
    what, share = text.removeprefix(count(num)).strip(), percent(prob)
    label = sector_label(
        text,
        start,
        end,
        captions=[(f"{what}, {share}",), (what, share), (share,)],
        short_text=count(num),
        has_sign=has_room_for_sign(start, end),
    )
    return DrawnSegment(kind, text, share, label, start, end)


def num_possible(view: WheelView) -> int:
    """Number of tokens with a probability above zero on this wheel."""
    return view.wheel.distribution.num_possible


def num_above_possible(view: WheelView) -> int:
    """Number of tokens that can be drawn and have a segment of their own."""
    return min(view.wheel.num_above, num_possible(view))


def num_shown(view: WheelView) -> int:
    """Number of tokens that are drawn and listed one by one. Limited, because a threshold of 0
    gives every token a segment."""
    return min(num_above_possible(view), MAX_DRAWN_SEGMENTS)


def segment_hues(view: WheelView) -> list[int]:
    num_segments = num_shown(view)
    is_closed = num_segments > 0 and view.wheel.segments[num_segments - 1].end == 1.0
    return hue_indices(num_segments, is_closed=is_closed)
