"""What the page draws of any wheel, the whole one or an opened part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import ngettext

from wheel.pages.drawing.geometry import Label
from wheel.pages.words.numbers import count


@dataclass(frozen=True, slots=True)
class DrawnSegment:
    """An arc of the wheel. `kind` is "token", or what holds several: "other", "group" (some ranks
    of an opened wheel) or "crowd" (segments too narrow to be drawn one by one).

    caption        the label's second line, where it has room for one
    end            where it ends, in turns: the pointer ticks there
    segment_index  into the wheel's segments; None for a crowd, which is many of them
    opens_rank     1-based rank towards which it can be opened; None for a token
    """

    kind: str
    path: str
    title: str
    label: Label | None
    caption: str
    end: float
    segment_index: int | None = None
    token_id: int | None = None
    hue_index: int | None = None
    opens_rank: int | None = None

    @property
    def transform(self) -> str:
        """Of the label, as SVG writes it. Never localised: a decimal comma would break it."""
        label = self.label
        return (
            f"rotate({label.rotation_degrees:.3f}) translate({label.x:.3f} {label.y:.3f})"
            if (label)
            else ""
        )

    @property
    def font_size(self) -> str:
        return f"{self.label.font_size:.2f}" if self.label else ""

    @property
    def end_turns(self) -> str:
        return repr(self.end)


@dataclass(frozen=True, slots=True)
class RingArc:
    """A token on the outer ring, which shows what the model itself believes; `is_cut` where the
    knobs have taken it off the wheel. Other has no hue."""

    path: str
    title: str
    hue_index: int | None = None
    is_cut: bool = False


class Picture(Protocol):
    """What a wheel's template asks for. `next_depth` is that of the wheels inside this one."""

    @property
    def next_depth(self) -> int: ...

    @property
    def segments(self) -> Sequence[DrawnSegment]: ...

    @property
    def ring(self) -> Sequence[RingArc]: ...

    @property
    def summary(self) -> str: ...


def other_text(num_other: int) -> str:
    """49,149 other tokens"""
    return ngettext("%(number)s other token", "%(number)s other tokens", num_other) % {
        "number": count(num_other)
    }


def tokens_text(num_tokens: int) -> str:
    """49,149 tokens"""
    return ngettext("%(number)s token", "%(number)s tokens", num_tokens) % {
        "number": count(num_tokens)
    }
