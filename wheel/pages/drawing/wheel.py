"""Drawing of the whole wheel: a path, a hue and a label for every segment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from django.utils.translation import gettext as _

from wheel.domain.segments import Wheel, WheelSegment
from wheel.domain.token import Token
from wheel.pages.drawing.labels import has_room_for_sign, sector_label
from wheel.pages.drawing.palette import hue_indices
from wheel.pages.drawing.ring import ring_arcs
from wheel.pages.drawing.shapes import DrawnSegment, RingArc, visible_segments
from wheel.pages.words.counts import narrow_text, other_text
from wheel.pages.words.directions import isolated
from wheel.pages.words.numbers import count, percent
from wheel.pages.words.spoken import spoken
from wheel.services import WheelView

MAX_DRAWN_SEGMENTS = 200
MAX_NAMED_SEGMENTS = 3


@dataclass(frozen=True)
class WheelPicture:
    """The whole wheel as the page draws it. hues: of the segments, by rank; None for the usual
    ones."""

    view: WheelView
    hues: Sequence[int] | None = None
    depth: ClassVar[int] = 0
    next_depth: ClassVar[int] = 1

    @cached_property
    def segments(self) -> list[DrawnSegment]:
        """Clockwise from 12 o'clock, Other last. Segments without width are left out."""
        return visible_segments([*self._tokens(), *grey_segments(self.view.wheel)])

    @cached_property
    def ring(self) -> list[RingArc]:
        """Empty while the knobs leave the model's distribution as it is."""
        if not self.view.settings.reshapes:
            return []
        return ring_arcs(self.view, self._hues)

    @property
    def summary(self) -> str:
        """The wheel in a sentence, for screen readers."""
        named = [segment.name for segment in self.segments[:MAX_NAMED_SEGMENTS]]
        return _("Wheel of the next token. The largest segments: %(segments)s.") % {
            "segments": "; ".join(named)
        }

    def _tokens(self) -> Iterator[DrawnSegment]:
        own = self.view.wheel.segments[: num_shown(self.view.wheel)]
        for segment, hue_index in zip(own, self._hues, strict=True):
            yield self._token(segment, hue_index)

    @cached_property
    def _hues(self) -> Sequence[int]:
        return segment_hues(self.view.wheel) if self.hues is None else self.hues

    def _token(self, segment: WheelSegment, hue_index: int) -> DrawnSegment:
        token, prob = self._token_and_prob(segment)
        return token_segment(
            token,
            prob,
            segment.start,
            segment.end,
            segment_index=segment.segment_index,
            hue_index=hue_index,
        )

    def _token_and_prob(self, segment: WheelSegment) -> tuple[Token, float]:
        assert segment.token_id is not None
        prob = float(self.view.wheel.distribution.probs[segment.token_id])
        return self.view.state.token(segment.token_id), prob


def token_segment(
    token: Token,
    prob: float,
    start: float,
    end: float,
    *,
    segment_index: int | None = None,
    hue_index: int | None = None,
) -> DrawnSegment:
    """The segment of a single token, from `start` to `end` in turns."""
    share = percent(prob)
    return DrawnSegment(
        kind="token",
        text=isolated(token),
        share=share,
        label=sector_label(token.display_text, start, end, captions=[(share,)]),
        start=start,
        end=end,
        segment_index=segment_index,
        token_id=token.token_id,
        hue_index=hue_index,
        spoken_text=spoken(token),
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


def grey_segments(wheel: Wheel) -> Iterator[DrawnSegment]:
    """The segments behind those that are drawn singly: the narrow ones as one, then Other."""
    if num_narrow := wheel.num_above_possible - num_shown(wheel):
        yield narrow_segment(wheel, num_narrow)
    if wheel.num_other:
        num, text = wheel.num_other, other_text(wheel.num_other)
        other = grey_segment("other", num, text, wheel.other_prob, wheel.other_start, 1.0)
        opens_rank = wheel.num_above + 1 if wheel.other_prob > 0 else None
        yield replace(other, segment_index=wheel.num_above, opens_rank=opens_rank)


def narrow_segment(wheel: Wheel, num: int) -> DrawnSegment:
    """The segments beyond the first 200. They exist only at a very low threshold."""
    token_ids = wheel.distribution.first_token_ids(wheel.num_above)[MAX_DRAWN_SEGMENTS:]
    prob = float(wheel.distribution.probs[token_ids].sum())
    start = shown_ends(wheel)[-1]
    drawn = grey_segment("narrow", num, narrow_text(num), prob, start, wheel.other_start)
    return replace(drawn, opens_rank=MAX_DRAWN_SEGMENTS + 1)


def num_possible(view: WheelView) -> int:
    """Number of tokens with a probability above zero on this wheel."""
    return view.wheel.distribution.num_possible


def num_shown(wheel: Wheel) -> int:
    """Number of tokens that are drawn and listed one by one. Limited, because a threshold of 0
    gives every token a segment."""
    return min(wheel.num_above_possible, MAX_DRAWN_SEGMENTS)


def shown_ends(wheel: Wheel) -> list[float]:
    """The ends, in turns, of the segments that are drawn singly."""
    ends: list[float] = wheel.distribution.first_arc_ends(num_shown(wheel)).tolist()
    return ends


def segment_hues(wheel: Wheel) -> list[int]:
    return hue_indices(num_shown(wheel), is_closed=is_closed(wheel))


def is_closed(wheel: Wheel) -> bool:
    """Whether the last of the segments that are drawn singly touches the first."""
    return shown_ends(wheel)[-1:] == [1.0]
