"""Wheels that are looked at: no segment opens by a click."""

from dataclasses import replace
from functools import cached_property

from wheel.pages.drawing.palette import HUE_ORDER
from wheel.pages.drawing.shapes import DrawnSegment
from wheel.pages.drawing.wheel import WheelPicture


class StillWheel(WheelPicture):
    """The whole wheel with its labels."""

    @cached_property
    def segments(self) -> list[DrawnSegment]:
        return [replace(segment, opens_rank=None) for segment in super().segments]


class RankedWheel(WheelPicture):
    """The whole wheel with hues by rank alone: wheels of the same ranking, beside each other, show
    a token in the same hue."""

    @cached_property
    def segments(self) -> list[DrawnSegment]:
        return [
            replace(segment, opens_rank=None, hue_index=self._hue(segment))
            for segment in super().segments
        ]

    def _hue(self, segment: DrawnSegment) -> int | None:
        is_grey = segment.token_id is None or segment.segment_index is None
        return None if is_grey else hue_of_rank(segment.segment_index or 0)


def hue_of_rank(rank: int) -> int:
    return HUE_ORDER[rank % len(HUE_ORDER)]
