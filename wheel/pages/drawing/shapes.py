"""Shapes that a wheel is drawn with, the whole wheel as well as an opened part of it."""

from dataclasses import dataclass

from wheel.pages.drawing.geometry import Label


@dataclass(frozen=True, slots=True)
class DrawnSegment:
    """A sector of the wheel. `kind` is "token" for a single token. Several tokens are "other",
    "group" (some ranks of an opened wheel) or "narrow" (segments too narrow to be drawn singly).

    caption        second line of the label, if there is room for one
    end            end of the sector in turns; the pointer ticks there
    segment_index  index into the wheel's segments; None for "narrow", which stands for many
    opens_rank     1-based rank towards which a click opens the segment; None for a token
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
        """SVG transform of the label. Never localised: a decimal comma would break it."""
        label = self.label
        return (
            f"rotate({label.rotation_degrees:.3f}) translate({label.x:.3f} {label.y:.3f})"
            if label
            else ""
        )

    @property
    def font_size(self) -> str:
        return f"{self.label.font_size:.2f}" if self.label else ""

    @property
    def of(self) -> int | str:
        """The token's id, or the kind: finds the segment of a label."""
        return self.kind if self.token_id is None else self.token_id

    @property
    def end_turns(self) -> str:
        return repr(self.end)


@dataclass(frozen=True, slots=True)
class RingArc:
    """An arc of the outer ring, which shows the model's own distribution. `is_removed`: the knobs
    have removed the token from the wheel. Other has no hue."""

    path: str
    title: str
    hue_index: int | None = None
    is_removed: bool = False
