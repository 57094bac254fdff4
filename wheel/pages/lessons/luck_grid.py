"""The grid of "Same luck, other temperature": a row a stop, a column a temperature."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from wheel.domain.replayed_luck import TEMPERATURES, ReplayedLuck
from wheel.domain.token import Token
from wheel.pages.drawing.still_wheel import RankedWheel, hue_of_rank
from wheel.pages.drawing.wheel import num_shown
from wheel.pages.words.numbers import count, decimals
from wheel.pages.words.spoken import spoken
from wheel.services import Replay, WheelView

COMPARED = TEMPERATURES.index(1.0), TEMPERATURES.index(2.0)  # by the question
NEAR = 2  # stops between a prediction and the outcome
RANGES = {"none": (0, 0), "few": (1, 10), "most": (11, 20)}  # stops that become another token


@dataclass(frozen=True)
class LuckColumn:
    """A temperature. u: of the stop at which its wheel is shown."""

    view: WheelView
    u: float
    num_different: int

    @property
    def temperature(self) -> float:
        return self.view.settings.temperature

    @property
    def temperature_text(self) -> str:
        return temperature_text(self.temperature)

    @property
    def is_model(self) -> bool:
        """Whether the wheel is the model's own, without any knob."""
        return not self.view.settings.reshapes

    @cached_property
    def picture(self) -> RankedWheel:
        return RankedWheel(self.view)

    @property
    def pointer_degrees(self) -> str:
        """Never localised."""
        return f"{self.u * 360:.3f}"

    @property
    def summary(self) -> str:
        """The small wheel in a sentence, for screen readers."""
        return _("Wheel at temperature %(temperature)s, with the pointer at %(angle)s°") % {
            "temperature": self.temperature_text,
            "angle": decimals(self.u * 360, 0),
        }


@dataclass(frozen=True, slots=True)
class LuckCell:
    """The token of a stop. rank: 1-based. hue_index: None inside Other."""

    token: Token
    rank: int
    prob: float
    hue_index: int | None
    is_model: bool


@dataclass(frozen=True, slots=True)
class LuckRow:
    """A stop, with a cell for each temperature. number: 1-based."""

    number: int
    u: float
    cells: tuple[LuckCell, ...]
    query: str
    is_chosen: bool

    @property
    def angle_degrees(self) -> float:
        return self.u * 360


@dataclass(frozen=True)
class LuckGrid:
    """
    seed, other_seed  of these stops, and of others
    chosen_idx        of the stop at which the small wheels are shown
    nums_stops        offered by links
    """

    replay: Replay
    prediction: str
    seed: int
    other_seed: int
    chosen_idx: int
    nums_stops: tuple[int, ...]

    @property
    def num_stops(self) -> int:
        return len(self.luck.us)

    @cached_property
    def columns(self) -> list[LuckColumn]:
        u = float(self.luck.us[self.chosen_idx])
        nums = self.luck.nums_different
        return [LuckColumn(view, u, num) for view, num in zip(self.replay.views, nums, strict=True)]

    @cached_property
    def rows(self) -> list[LuckRow]:
        return [
            LuckRow(
                number=idx + 1,
                u=float(u),
                cells=tuple(self._cells(idx)),
                query=self._query(stop=idx + 1),
                is_chosen=idx == self.chosen_idx,
            )
            for idx, u in enumerate(self.luck.us)
        ]

    @property
    def chosen_row(self) -> LuckRow:
        return self.rows[self.chosen_idx]

    @property
    def are_filtered(self) -> bool:
        """Whether other knobs than the temperature reshape the wheels."""
        return not any(column.is_model for column in self.columns)

    @cached_property
    def num_changed(self) -> int:
        """The number of stops that become another token from temperature 1 to 2."""
        return self.luck.num_changed(*COMPARED)

    @cached_property
    def prob_of_change(self) -> float:
        """The share of all angles at which the token is another one."""
        return self.luck.prob_of_change(*COMPARED)

    @property
    def num_expected(self) -> float:
        """The mean of `num_changed` over all luck."""
        return self.num_stops * self.prob_of_change

    @property
    def is_answered(self) -> bool:
        """Whether there are as many stops as the question has."""
        return self.num_stops == self.nums_stops[-1]

    @property
    def answer(self) -> str:
        """To the prediction, if it is answered."""
        low, high = RANGES[self.prediction]
        distance = max(low - self.num_changed, self.num_changed - high, 0)
        if not distance:
            sentence = _("You were right: %(changed)s of %(all)s stops become another token.")
        elif distance <= NEAR:
            sentence = _("Nearly: %(changed)s of %(all)s stops become another token.")
        else:
            sentence = _(
                "Not this time: %(changed)s of %(all)s stops become another token. The luck alone "
                "does not decide; the widths of the segments do too."
            )
        return sentence % {"changed": count(self.num_changed), "all": count(self.num_stops)}

    @property
    def announcement(self) -> str:
        """The chosen stop, for screen readers."""
        cells = zip(self.columns, self.chosen_row.cells, strict=True)
        return _("The pointer is at %(angle)s°. %(tokens)s") % {
            "angle": decimals(self.chosen_row.angle_degrees, 0),
            "tokens": "; ".join(
                f"{column.temperature_text}: {spoken(cell.token)}" for column, cell in cells
            ),
        }

    @property
    def query(self) -> str:
        """Of the address that shows the same again."""
        return self._query(stop=self.chosen_idx + 1)

    @property
    def other_query(self) -> str:
        """Of other luck."""
        return self._query(seed=self.other_seed)

    @property
    def stop_choices(self) -> list[tuple[int, str]]:
        """The numbers of stops, each with the query that shows them."""
        return [(number, self._query(num_stops=number)) for number in self.nums_stops]

    @property
    def luck(self) -> ReplayedLuck:
        return self.replay.luck

    def _cells(self, idx: int) -> Iterator[LuckCell]:
        ranks, token_ids = self.luck.ranks[idx].tolist(), self.luck.token_ids[idx].tolist()
        for column, rank, token_id in zip(self.columns, ranks, token_ids, strict=True):
            yield LuckCell(
                token=column.view.state.token(token_id),
                rank=rank + 1,
                prob=float(column.view.wheel.distribution.probs[token_id]),
                hue_index=hue_of_rank(rank) if rank < num_shown(column.view.wheel) else None,
                is_model=column.is_model,
            )

    def _query(self, **changes: int) -> str:
        fields = {"prediction": self.prediction, "seed": self.seed, "num_stops": self.num_stops}
        return urlencode(fields | changes)


def temperature_text(temperature: float) -> str:
    """0.5, 1"""
    return decimals(temperature, 0 if temperature.is_integer() else 1)
