"""Markup of the repeated parts of a wheel: its segments and their labels.

A wheel page has up to a thousand of them. As templates they took most of the time of an answer
(decision 0052).
"""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wheel.pages.drawing.labels import Label
from wheel.pages.drawing.shapes import DrawnSegment

register = template.Library()

SIGN_PATH = "M-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0 -8.4 0M-2.2 0H2.2M0 -2.2V2.2"


@register.filter
def segment_paths(segments: Iterable[DrawnSegment], next_depth: int) -> SafeString:
    """`next_depth` is that of the wheel which a segment opens."""
    opening_hint = escape(_("click to open"))
    return SafeString("\n".join(path_of(one, next_depth, opening_hint) for one in segments))


@register.filter
def segment_labels(segments: Iterable[DrawnSegment]) -> SafeString:
    return SafeString("\n".join(part for one in segments for part in label_parts(one)))


def path_of(segment: DrawnSegment, next_depth: int, opening_hint: str) -> str:
    kind, title = segment.kind, escape(segment.title)
    hue = "" if segment.hue_index is None else f" hue-{segment.hue_index}"
    numbers = ""
    if segment.token_id is not None:
        numbers += f' data-token-id="{segment.token_id}"'
    if segment.segment_index is not None:
        numbers += f' data-segment-index="{segment.segment_index}"'
    if segment.opens_rank:
        numbers += f' data-opens="rank={segment.opens_rank}&amp;depth={next_depth}"'
        title += f" · {opening_hint}"
    return (
        f'<path class="segment segment-{kind}{hue}"'
        f' d="{segment.path}" stroke-width="{segment.stroke}" data-kind="{kind}"'
        f' data-start="{segment.start_turns}" data-end="{segment.end_turns}"'
        f' data-text="{escape(segment.text)}" data-share="{escape(segment.share)}"'
        f' data-name="{escape(segment.name)}"{numbers}>\n<title>{title}</title>\n</path>'
    )


def label_parts(segment: DrawnSegment) -> Iterable[str]:
    if segment.label:
        yield group_of(segment, segment.label)
    if place := segment.sign_transform:
        yield f'<path class="sign" data-of="{segment.of}" transform="{place}" d="{SIGN_PATH}" />'


def group_of(segment: DrawnSegment, label: Label) -> str:
    """A text, and the lines of its caption."""
    captions = "".join(
        f'<text class="label-caption" y="{y}">{escape(line)}</text>\n'
        for line, y in label.caption_places
    )
    turned = " label-turned" if label.is_underlined else ""
    rise = ' dy="-0.2em"' if label.is_upright else ""
    return (
        f'<g class="label{turned}" aria-hidden="true"'
        f' data-of="{segment.of}" transform="{segment.transform}"'
        f' text-anchor="{label.anchor}">\n<text class="label-text"'
        f' font-size="{segment.font_size}"{rise}>'
        f"{escape(label.text)}</text>\n{captions}</g>"
    )
