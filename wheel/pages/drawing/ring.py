"""The thin outer ring: the model's own distribution, beside a wheel that the knobs reshaped.

No knob changes the order of the tokens, so a token keeps its hue, and what was cut can be seen
where the ring goes on and the wheel does not.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from wheel.domain.segments import Wheel, WheelSegment
from wheel.pages.drawing.geometry import ring_path
from wheel.pages.drawing.palette import hue_indices
from wheel.pages.drawing.segments import RingArc, other_text
from wheel.pages.words.numbers import percent
from wheel.services import WheelView

MAX_RING_ARCS = 200


def ring_arcs(view: WheelView, hues: Sequence[int]) -> list[RingArc]:
    """hues: those of the wheel's own segments, by rank"""
    raw = raw_wheel(view)
    num_shown = min(raw.num_above, MAX_RING_ARCS)
    all_hues = [*hues, *hue_indices(num_shown, is_closed=False)[len(hues) :]]
    arcs = [token_arc(view, raw.segments[idx], all_hues[idx]) for idx in range(num_shown)]
    rest_start = raw.segments[num_shown - 1].end if num_shown else 0.0
    num_rest = raw.distribution.vocabulary_size - num_shown
    rest_prob = 1.0 - rest_start
    title = _("In the model itself: %(what)s, %(share)s") % {
        "what": other_text(num_rest),
        "share": percent(rest_prob),
    }
    return [arc for arc in (*arcs, RingArc(ring_path(rest_start, 1.0), title)) if arc.path]


def raw_wheel(view: WheelView) -> Wheel:
    """The wheel that the model itself would show at the same threshold."""
    return Wheel(view.raw, view.wheel.threshold)


def token_arc(view: WheelView, segment: WheelSegment, hue_index: int) -> RingArc:
    assert segment.token_id is not None
    is_cut = view.wheel.distribution.probs[segment.token_id] == 0
    words = _("In the model itself: %(what)s, %(share)s") % {
        "what": view.state.token(segment.token_id).display_text,
        "share": percent(float(view.raw.probs[segment.token_id])),
    }
    return RingArc(
        path=ring_path(segment.start, segment.end),
        title=_("%(words)s; taken off the wheel by the knobs") % {"words": words}
        if is_cut
        else words,
        hue_index=hue_index,
        is_cut=bool(is_cut),
    )
