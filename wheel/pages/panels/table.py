"""The table of a wheel: a row for every segment, and the likeliest tokens of Other."""

from dataclasses import dataclass
from functools import cached_property

from wheel.domain.opened_wheel import RankGroup
from wheel.domain.token import Token
from wheel.pages.drawing.opened_wheel import OpenedPicture
from wheel.pages.drawing.opening import query_for
from wheel.pages.drawing.wheel import num_possible, num_shown, segment_hues
from wheel.pages.panels.figures import TokenFigures
from wheel.pages.words.counts import other_text, ranks_text
from wheel.services import WheelView

MAX_OTHER_ROWS = 10
MAX_REMOVED_ROWS = 5


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token of the wheel. `rank` is 1-based. `hue_index` is that of its segment, None without a
    segment. `is_reshaped`: whether the knobs make its probability differ from the model's own."""

    token: Token
    rank: int
    figures: TokenFigures
    hue_index: int | None
    is_reshaped: bool

    @property
    def bar_width(self) -> str:
        """0 to 100, never localised."""
        return f"{self.figures.prob * 100:.3f}"

    @property
    def raw_mark(self) -> str:
        """Position of the model's own probability on the bar, 0 to 99, never localised."""
        return f"{(self.figures.raw_prob or 0) * 99:.3f}"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Several tokens of an opened wheel; `query` opens them."""

    text: str
    spoken_text: str
    ranks: str
    prob: float
    query: str


@dataclass(frozen=True)
class SegmentTable:
    """The table of the whole wheel."""

    view: WheelView

    @cached_property
    def segment_rows(self) -> list[TokenRow]:
        return [
            token_row(self.view, rank_idx, hue)
            for rank_idx, hue in enumerate(segment_hues(self.view.wheel))
        ]

    @property
    def num_rows_left_out(self) -> int:
        """Number of segments too narrow to be drawn one by one."""
        return self.view.wheel.num_above_possible - len(self.segment_rows)

    @property
    def narrow_query(self) -> str:
        """Opens the segments that are too narrow."""
        return query_for(num_shown(self.view.wheel) + 1, 1)

    @property
    def other_text(self) -> str:
        return other_text(self.view.wheel.num_other)

    @property
    def other_query(self) -> str:
        return query_for(self.view.wheel.num_above + 1, 1)

    @cached_property
    def other_rows(self) -> list[TokenRow]:
        """The likeliest tokens of Other that can be drawn."""
        num_above = self.view.wheel.num_above
        stop = min(num_above + MAX_OTHER_ROWS, num_possible(self.view))
        return [token_row(self.view, rank_idx) for rank_idx in range(num_above, stop)]

    @property
    def num_removed(self) -> int:
        """Number of tokens that the knobs have removed from the wheel."""
        return self.view.raw.vocabulary_size - self.num_excluded - num_possible(self.view)

    @cached_property
    def num_excluded(self) -> int:
        """Number of tokens that the text of a counting model does not have."""
        if self.view.state.session.counted_text is None:
            return 0
        return self.view.raw.vocabulary_size - self.view.raw.num_possible

    @cached_property
    def removed_rows(self) -> list[TokenRow]:
        """The likeliest of the removed tokens, which rank right after the possible ones."""
        first = num_possible(self.view)
        stop = first + min(MAX_REMOVED_ROWS, self.num_removed)
        return [token_row(self.view, rank_idx) for rank_idx in range(first, stop)]


@dataclass(frozen=True)
class OpenedTable:
    """The table of an opened part of the wheel."""

    picture: OpenedPicture

    @cached_property
    def rows(self) -> list[TokenRow | GroupRow]:
        picture = self.picture
        return [
            token_row(picture.view, group.first_rank, hue) if group.is_token else self._group(group)
            for group, hue in zip(picture.opened.groups, picture.hues, strict=True)
        ]

    @property
    def ranks(self) -> str:
        return ranks_text(self.picture.opened.first_rank, self.picture.opened.end_rank)

    def _group(self, group: RankGroup) -> GroupRow:
        return GroupRow(
            text=self.picture.text_of(group),
            spoken_text=self.picture.spoken_text_of(group),
            ranks=ranks_text(group.first_rank, group.end_rank),
            prob=self.picture.prob_of(group),
            query=query_for(group.first_rank + 1, self.picture.next_depth),
        )


def token_row(view: WheelView, rank_idx: int, hue_index: int | None = None) -> TokenRow:
    token_id = int(view.wheel.distribution.first_token_ids(rank_idx + 1)[rank_idx])
    return TokenRow(
        view.state.token(token_id),
        rank_idx + 1,
        TokenFigures.on_wheel(view, token_id),
        hue_index,
        view.settings.reshapes,
    )
