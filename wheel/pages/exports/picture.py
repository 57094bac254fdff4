"""The wheel as a self-contained SVG file, without style sheet, script or font.

Drawn from the same `WheelPicture` as on the page. Styles are presentation attributes, which image
viewers and word processors understand and a strict content policy allows.
"""

import re
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.pages.drawing.palette import segment_color
from wheel.pages.drawing.shapes import DrawnSegment
from wheel.pages.drawing.text_width import num_columns
from wheel.pages.drawing.wheel import WheelPicture, num_possible
from wheel.pages.panels.knobs import KNOB_SPECS
from wheel.pages.words.directions import text_direction
from wheel.pages.words.numbers import bits, count, plain_number
from wheel.services import WheelView

MAX_TEXT_COLUMNS = 44
HATCH = "url(#hatch) #c6beb2"  # plain grey for programs without patterns
LINE_SIGNS = str.maketrans({"\n": "↵", "\t": "⇥"})

# Source: W3C, "Extensible Markup Language (XML) 1.0", production 2. Django's templates escape
# characters with a meaning in XML, but let through characters that XML does not allow.
NO_XML_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class PaintedSegment:
    """A segment with its color, which on the page comes from a style sheet."""

    segment: DrawnSegment
    fill: str


@dataclass(frozen=True)
class ExportedPicture:
    view: WheelView

    @property
    def summary(self) -> str:
        return WheelPicture(self.view).summary

    @property
    def segments(self) -> list[PaintedSegment]:
        return [
            PaintedSegment(segment, fill_of(segment))
            for segment in WheelPicture(self.view).segments
        ]

    @property
    def text_tail(self) -> str:
        return tail(self.view.state.current_text.translate(LINE_SIGNS), MAX_TEXT_COLUMNS)

    @property
    def text_direction(self) -> str:
        return text_direction(self.view.state.current_text)

    @property
    def settings(self) -> str:
        """Temperature 0.7 · Top-k 0 · …"""
        values = self.view.settings.as_dict()
        return " · ".join(f"{spec.label} {plain_number(values[spec.name])}" for spec in KNOB_SPECS)

    @property
    def figures(self) -> str:
        num_tokens = num_possible(self.view)
        sentence = ngettext(
            "%(number)s token can be drawn from this wheel. Its uncertainty is %(entropy)s.",
            "%(number)s tokens can be drawn from this wheel. Its uncertainty is %(entropy)s.",
            num_tokens,
        )
        entropy_bits = self.view.wheel.distribution.entropy_bits
        return sentence % {"number": count(num_tokens), "entropy": bits(entropy_bits)}

    @property
    def title(self) -> str:
        return _("The wheel after “%(text)s”") % {"text": self.text_tail}


def wheel_svg(view: WheelView) -> str:
    svg = render_to_string("pages/export/wheel.svg", {"picture": ExportedPicture(view)})
    return as_xml_text(svg)


def as_xml_text(text: str) -> str:
    """The text with U+FFFD for every character that XML does not allow."""
    return NO_XML_CHARACTER.sub("\ufffd", text)


def fill_of(segment: DrawnSegment) -> str:
    return HATCH if segment.hue_index is None else segment_color(segment.hue_index)


def tail(text: str, max_columns: int) -> str:
    """The end of a text, with an ellipsis if it was shortened."""
    if num_columns(text) <= max_columns:
        return text
    text = text[1 - max_columns :]
    while num_columns(text) > max_columns - 1:
        text = text[1:]
    return "…" + text
