"""Drawing of an opened part of the wheel: wide tokens have a colour, groups of tokens are grey."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.opened_wheel import OpenedWheel, RankGroup
from wheel.domain.token import Token
from wheel.pages.drawing.labels import has_room_for_sign, sector_label
from wheel.pages.drawing.palette import hue_indices
from wheel.pages.drawing.shapes import DrawnSegment, RingArc, visible_segments
from wheel.pages.drawing.wheel import token_segment
from wheel.pages.words.counts import other_text, ranks_text
from wheel.pages.words.directions import isolated
from wheel.pages.words.numbers import count, percent
from wheel.pages.words.spoken import spoken
from wheel.services import WheelView


@dataclass(frozen=True)
class OpenedPicture:
    """`depth` is the number of wheels opened, one inside the other, to show this one."""

    view: WheelView
    opened: OpenedWheel
    depth: int

    @property
    def ring(self) -> list[RingArc]:
        return []

    @property
    def next_depth(self) -> int:
        return self.depth + 1

    @property
    def summary(self) -> str:
        return _("%(ranks)s, opened as a wheel of its own: %(share)s of the whole wheel.") % {
            "ranks": ranks_text(self.opened.first_rank, self.opened.end_rank).capitalize(),
            "share": percent(self.opened.prob),
        }

    @cached_property
    def segments(self) -> list[DrawnSegment]:
        """Clockwise from 12 o'clock. Segments without width are left out."""
        drawn = [
            self._token(group, hue_index) if group.is_token else self._group(group)
            for group, hue_index in zip(self.opened.groups, self.hues, strict=True)
        ]
        return visible_segments(drawn)

    @cached_property
    def hues(self) -> list[int]:
        groups = self.opened.groups
        return hue_indices(len(groups), is_closed=groups[-1].is_token)

    def prob_of(self, group: RankGroup) -> float:
        """The group's share of the whole wheel."""
        return float(self.opened.distribution.ranked_probs[group.first_rank : group.end_rank].sum())

    def first_token(self, group: RankGroup) -> Token:
        token_id = self.opened.distribution.ranked_token_ids[group.first_rank]
        return self.view.state.token(int(token_id))

    def is_other(self, group: RankGroup) -> bool:
        """Whether the group is this wheel's own Other: a last segment of several tokens."""
        return group.end_rank == self.opened.end_rank and not group.is_token

    def text_of(self, group: RankGroup) -> str:
        """ "␣storm and 12 more", or "35,631 other tokens" """
        return self._describe(group, isolated(self.first_token(group)))

    def spoken_text_of(self, group: RankGroup) -> str:
        """ "space, storm and 12 more", or "35,631 other tokens" """
        return self._describe(group, spoken(self.first_token(group)))

    def _describe(self, group: RankGroup, first: str) -> str:
        if self.is_other(group):
            return other_text(group.num_tokens)
        num_more = group.num_tokens - 1
        return ngettext("%(token)s and %(num)s more", "%(token)s and %(num)s more", num_more) % {
            "token": first,
            "num": count(num_more),
        }

    def _token(self, group: RankGroup, hue_index: int) -> DrawnSegment:
        return token_segment(
            self.first_token(group),
            self.prob_of(group),
            group.start,
            group.end,
            segment_index=group.segment_index,
            hue_index=hue_index,
        )

    def _group(self, group: RankGroup) -> DrawnSegment:
        share = percent(self.prob_of(group))
        ranks = ranks_text(group.first_rank, group.end_rank)
        label = sector_label(
            self._short_text_of(group),
            group.start,
            group.end,
            captions=[(share,)],
            has_sign=has_room_for_sign(group.start, group.end),
        )
        return DrawnSegment(
            kind="other" if self.is_other(group) else "group",
            text=with_ranks(self.text_of(group), ranks),
            share=share,
            label=label,
            start=group.start,
            end=group.end,
            segment_index=group.segment_index,
            opens_rank=group.first_rank + 1,
            spoken_text=with_ranks(self.spoken_text_of(group), ranks),
        )

    def _short_text_of(self, group: RankGroup) -> str:
        """ "␣storm +12", or "35,631" """
        if self.is_other(group):
            return count(group.num_tokens)
        return f"{self.first_token(group).display_text} +{count(group.num_tokens - 1)}"


def with_ranks(tokens: str, ranks: str) -> str:
    return _("%(tokens)s, %(ranks)s") % {"tokens": tokens, "ranks": ranks}
