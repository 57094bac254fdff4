"""Shapes that a wheel is drawn with, the whole wheel as well as an opened part of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wheel.pages.drawing.geometry import MAX_STROKE_WIDTH, arc_path, stroke_widths
from wheel.pages.drawing.labels import Label, has_room_for_sign, sign_place
from wheel.pages.drawing.names import segment_name


@dataclass(frozen=True, slots=True)
class DrawnSegment:
    """A sector of the wheel. `kind` is "token" for a single token. Several tokens are "other",
    "group" (some ranks of an opened wheel) or "narrow" (segments too narrow to be drawn singly).

    text           the token, or the words for several; with `share` it is all that is known of it
    start, end     of the sector in turns; the pointer ticks at the end
    segment_index  index into the wheel's segments; None for "narrow", which stands for many
    opens_rank     1-based rank towards which a click opens the segment; None for a token
    stroke_width   of the line round the sector, in user units
    spoken_text    the text as it is read aloud, if that differs
    """

    kind: str
    text: str
    share: str
    label: Label | None
    start: float
    end: float
    segment_index: int | None = None
    token_id: int | None = None
    hue_index: int | None = None
    opens_rank: int | None = None
    stroke_width: float = MAX_STROKE_WIDTH
    spoken_text: str = ""

    @property
    def path(self) -> str:
        return arc_path(self.start, self.end)

    @property
    def title(self) -> str:
        return f"{self.text} {self.share}"

    @property
    def name(self) -> str:
        """The segment as it is read aloud."""
        return segment_name(self.spoken_text or self.text, self.share)

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
    def sign_transform(self) -> str:
        """SVG transform of the sign that the segment opens; empty without one."""
        if self.opens_rank is None or not has_room_for_sign(self.start, self.end):
            return ""
        x, y = sign_place(self.label, self.start, self.end)
        return f"translate({x:.3f} {y:.3f})"

    @property
    def font_size(self) -> str:
        return f"{self.label.font_size:.2f}" if self.label else ""

    @property
    def of(self) -> int | str:
        """The token's id, or the kind: finds the segment of a label."""
        return self.kind if self.token_id is None else self.token_id

    @property
    def stroke(self) -> str:
        return f"{self.stroke_width:.4f}"

    @property
    def start_turns(self) -> str:
        return repr(self.start)

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


def visible_segments(segments: Iterable[DrawnSegment]) -> list[DrawnSegment]:
    """The segments that have a width, with lines in proportion to it."""
    visible = [segment for segment in segments if segment.end > segment.start]
    widths = stroke_widths([segment.end - segment.start for segment in visible])
    return [
        replace(segment, stroke_width=width) for segment, width in zip(visible, widths, strict=True)
    ]
