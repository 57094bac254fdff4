"""The wheel's long form: a row for every segment, and the first of Other."""

from dataclasses import dataclass
from functools import cached_property

from wheel.domain.token import Token, surprisal_bits
from wheel.pages.picture import num_above_possible, num_possible, other_text, segment_hues
from wheel.services import WheelView

MAX_OTHER_ROWS = 10


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token of the wheel. `rank` is 1-based; `hue_index` is that of its segment, None where it
    has none."""

    token: Token
    rank: int
    prob: float
    log_prob: float
    hue_index: int | None = None

    @property
    def surprisal_bits(self) -> float:
        return surprisal_bits(self.log_prob)

    @property
    def bar_width(self) -> str:
        """0 to 100, never localised."""
        return f"{self.prob * 100:.3f}"


@dataclass(frozen=True)
class SegmentTable:
    view: WheelView

    @cached_property
    def segment_rows(self) -> list[TokenRow]:
        return [self._row(rank_idx, hue) for rank_idx, hue in enumerate(segment_hues(self.view))]

    @property
    def num_rows_left_out(self) -> int:
        """Too narrow to be drawn one by one."""
        return num_above_possible(self.view) - len(self.segment_rows)

    @property
    def other_text(self) -> str:
        return other_text(self.view.wheel.num_other)

    @cached_property
    def other_rows(self) -> list[TokenRow]:
        """The most probable of Other, as far as they can be drawn."""
        num_above = self.view.wheel.num_above
        stop = min(num_above + MAX_OTHER_ROWS, num_possible(self.view))
        return [self._row(rank_idx) for rank_idx in range(num_above, stop)]

    @property
    def num_removed(self) -> int:
        """Tokens that the knobs have taken off the wheel."""
        return self.view.wheel.distribution.vocabulary_size - num_possible(self.view)

    def _row(self, rank_idx: int, hue_index: int | None = None) -> TokenRow:
        distribution = self.view.wheel.distribution
        token_id = int(distribution.first_token_ids(rank_idx + 1)[rank_idx])
        return TokenRow(
            self.view.state.token(token_id),
            rank_idx + 1,
            float(distribution.probs[token_id]),
            float(distribution.log_probs[token_id]),
            hue_index,
        )
