"""The thin outer ring: the model's own distribution, round a wheel that the knobs have reshaped.

No knob changes the order of the tokens, so a token has the same hue on both. Tokens that the knobs
have removed are on the ring alone.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from wheel.domain.segments import Wheel, WheelSegment
from wheel.pages.drawing.geometry import ring_path
from wheel.pages.drawing.palette import hue_indices
from wheel.pages.drawing.shapes import RingArc
from wheel.pages.words.counts import other_text
from wheel.pages.words.directions import isolated
from wheel.pages.words.numbers import percent
from wheel.services import WheelView

MAX_RING_ARCS = 200


def ring_arcs(view: WheelView, hues: Sequence[int]) -> list[RingArc]:
    """Arcs of the likeliest tokens, and one for the rest. `hues` are those of the wheel's segments,
    by rank."""
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
    """The wheel of the model's own distribution at the same threshold."""
    return Wheel(view.raw, view.wheel.threshold)


def token_arc(view: WheelView, segment: WheelSegment, hue_index: int) -> RingArc:
    assert segment.token_id is not None
    is_removed = view.wheel.distribution.probs[segment.token_id] == 0
    title = _("In the model itself: %(what)s, %(share)s") % {
        "what": isolated(view.state.token(segment.token_id)),
        "share": percent(float(view.raw.probs[segment.token_id])),
    }
    if is_removed:
        title = _("%(words)s; taken off the wheel by the knobs") % {"words": title}
    return RingArc(
        path=ring_path(segment.start, segment.end),
        title=title,
        hue_index=hue_index,
        is_removed=bool(is_removed),
    )
