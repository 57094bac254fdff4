"""The filters side by side: of each the wheel and what it cut, and a table of tokens by filter."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.filter_cuts import FilterCut
from wheel.domain.token import Token
from wheel.domain.wheel_settings import TOP_K, TOP_P, AnySettingSpec
from wheel.pages.drawing.still_wheel import StillWheel
from wheel.pages.words.numbers import count, percent, setting
from wheel.services import WheelView

NUM_FIRST_ROWS = 8  # of the table; after them only the places where a filter stops


@dataclass(frozen=True)
class FilterColumn:
    """One filter, alone on the wheel."""

    spec: AnySettingSpec
    view: WheelView

    @cached_property
    def cut(self) -> FilterCut:
        return FilterCut(self.view.raw, self.view.wheel.distribution)

    @cached_property
    def picture(self) -> StillWheel:
        return StillWheel(self.view)

    @property
    def value(self) -> float:
        value: float = getattr(self.view.settings, self.spec.name)
        return value

    @property
    def is_off(self) -> bool:
        return self.value == self.spec.neutral

    @property
    def name(self) -> str:
        """Top-p 0.9"""
        return f"{_(self.spec.label)} {setting(self.value)}"

    @property
    def keeps(self) -> str:
        """Top-p 0.9 keeps 179 tokens."""
        return ngettext(
            "%(filter)s keeps %(number)s token.",
            "%(filter)s keeps %(number)s tokens.",
            self.cut.num_kept,
        ) % {"filter": self.name, "number": count(self.cut.num_kept)}

    @property
    def rule(self) -> str:
        """How it decides, with the figures of this wheel."""
        if self.is_off:
            return _("It is off, so every token stays.")
        return {TOP_K.name: self._rule_of_top_k, TOP_P.name: self._rule_of_top_p}.get(
            self.spec.name, self._rule_of_min_p
        )()

    @property
    def removes(self) -> str:
        """What is gone, and what became of its share."""
        cut = self.cut
        if not cut.num_removed:
            return _("It cuts nothing here.")
        gone = ngettext(
            "It cuts %(number)s token, which had %(share)s.",
            "It cuts %(number)s tokens, which had %(share)s together.",
            cut.num_removed,
        ) % {"number": count(cut.num_removed), "share": percent(cut.removed_prob)}
        grown = _("So the favourite grows from %(before)s to %(after)s.") % {
            "before": percent(cut.raw_favourite_prob),
            "after": percent(cut.kept_favourite_prob),
        }
        return f"{gone} {grown}"

    @property
    def bar_width(self) -> str:
        """The share that is left, out of 100. Never localised."""
        return f"{self.cut.kept_prob * 100:.3f}"

    def _rule_of_top_k(self) -> str:
        return ngettext(
            "It counts: the likeliest token stays, whatever its share.",
            "It counts: the %(number)s likeliest tokens stay, whatever their shares.",
            int(self.value),
        ) % {"number": count(int(self.value))}

    def _rule_of_top_p(self) -> str:
        return ngettext(
            "It adds up: the likeliest tokens stay until they have %(share)s together. That takes "
            "%(number)s token.",
            "It adds up: the likeliest tokens stay until they have %(share)s together. That takes "
            "%(number)s tokens.",
            self.cut.num_kept,
        ) % {"number": count(self.cut.num_kept), "share": percent(self.value)}

    def _rule_of_min_p(self) -> str:
        return _(
            "It compares: a token must be at least %(value)s times as likely as the favourite. "
            "The favourite has %(share)s, so the limit is %(limit)s."
        ) % {
            "value": setting(self.value),
            "share": percent(self.cut.raw_favourite_prob),
            "limit": percent(self.value * self.cut.raw_favourite_prob),
        }

    def share_at(self, rank: int) -> float | None:
        """The renormalised share of the token of a 0-based rank; None if it is cut."""
        if rank >= self.cut.num_kept:
            return None
        return float(self.cut.kept.first_probs(rank + 1)[rank])


@dataclass(frozen=True, slots=True)
class FilterRow:
    """A token by filter.

    rank         1-based
    num_skipped  tokens between the row before it and this one
    """

    rank: int
    token: Token
    raw_prob: float
    shares: list[float | None]
    num_skipped: int

    @property
    def is_disputed(self) -> bool:
        """Whether one filter keeps it and another one cuts it."""
        return None in self.shares and any(share is not None for share in self.shares)


@dataclass(frozen=True)
class FilterComparison:
    """asked  the same filters at the values that the question names
    predicted  the name of the setting that should keep the most tokens
    """

    columns: Sequence[FilterColumn]
    asked: Sequence[FilterColumn]
    predicted: str

    @property
    def verdict(self) -> str:
        """What came of the prediction, always at the values of the question."""
        most = max(column.cut.num_kept for column in self.asked)
        winners = [column for column in self.asked if column.cut.num_kept == most]
        keeps = " ".join(column.keeps for column in self.asked)
        if self.predicted not in [column.spec.name for column in winners]:
            words = _("It came differently here. %(keeps)s")
        elif len(winners) > 1:
            words = _("Nearly: it shares the first place. %(keeps)s")
        else:
            words = _("You were right. %(keeps)s")
        return words % {"keeps": keeps}

    @property
    def disputed(self) -> str:
        """How many tokens the filters do not agree on."""
        kept = [column.cut.num_kept for column in self.columns]
        if min(kept) == max(kept):
            return _("Here all three stop at the same place.")
        agreed = ngettext(
            "All three keep the likeliest token.",
            "All three keep the %(number)s likeliest tokens.",
            min(kept),
        ) % {"number": count(min(kept))}
        disputed = ngettext(
            "They do not agree on the next one.",
            "They do not agree on the next %(number)s.",
            max(kept) - min(kept),
        ) % {"number": count(max(kept) - min(kept))}
        return f"{agreed} {disputed}"

    @cached_property
    def rows(self) -> list[FilterRow]:
        ranks = self._ranks()
        before = [-1, *ranks]
        return [
            self._row(rank, rank - previous - 1)
            for rank, previous in zip(ranks, before, strict=False)
        ]

    @property
    def num_after(self) -> int:
        """The tokens below the last row."""
        return self.columns[0].view.raw.vocabulary_size - self.rows[-1].rank

    def _ranks(self) -> list[int]:
        """The first tokens, and the last one kept and the first one cut by each filter."""
        ranks = set(range(NUM_FIRST_ROWS))
        for column in self.columns:
            ranks |= {column.cut.num_kept - 1, column.cut.num_kept}
        return sorted(rank for rank in ranks if rank < self.columns[0].view.raw.vocabulary_size)

    def _row(self, rank: int, num_skipped: int) -> FilterRow:
        raw, state = self.columns[0].view.raw, self.columns[0].view.state
        token_id = int(raw.first_token_ids(rank + 1)[rank])
        shares = [column.share_at(rank) for column in self.columns]
        return FilterRow(
            rank + 1, state.token(token_id), float(raw.probs[token_id]), shares, num_skipped
        )
