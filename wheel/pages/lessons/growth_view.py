"""Two grown texts side by side: their chips, the line of uncertainty, and the table of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.grown_text import GrownText, GrownToken
from wheel.domain.loops import Loop
from wheel.domain.token import Token
from wheel.pages.drawing.line_chart import LineChart, LinePiece
from wheel.pages.drawing.still_wheel import StillWheel
from wheel.pages.lessons.luck_seeds import next_seed
from wheel.pages.panels.story import level_of
from wheel.pages.words.directions import text_direction, token_direction
from wheel.pages.words.numbers import bits, count, percent
from wheel.services import Growth, SessionState


@dataclass(frozen=True, slots=True)
class GrownChip:
    """An added token. is_in_loop: part of the loop with which the text ends."""

    step: int
    token: Token
    grown: GrownToken
    is_in_loop: bool
    begins_round: bool

    @property
    def level(self) -> int:
        return level_of(self.grown.surprisal_bits)

    @property
    def rank(self) -> int:
        """1-based"""
        return self.grown.rank + 1

    @property
    def direction(self) -> str:
        return token_direction(self.token)

    @property
    def breaks_line(self) -> bool:
        return "\n" in self.token.token_text

    @property
    def facts(self) -> str:
        """24.1% · 2.1 bits of surprise"""
        surprise = _("%(bits)s of surprise") % {"bits": bits(self.grown.surprisal_bits)}
        return f"{percent(self.grown.prob)} · {surprise}"


@dataclass(frozen=True)
class GrownPanel:
    """One of the two texts."""

    state: SessionState
    text: GrownText

    @property
    def prompt(self) -> str:
        return self.state.current_text

    @property
    def direction(self) -> str:
        return text_direction(self.prompt)

    @property
    def loop(self) -> Loop | None:
        return self.text.loop

    @cached_property
    def chips(self) -> list[GrownChip]:
        return [
            GrownChip(
                idx + 1, self.state.token(grown.token_id), grown, *place_in_loop(self.loop, idx)
            )
            for idx, grown in enumerate(self.text.added)
        ]

    @property
    def entropies(self) -> list[float]:
        return [grown.entropy_bits for grown in self.text.added]

    @property
    def loop_words(self) -> str:
        """Where the circle begins, and its length; empty without one."""
        if self.loop is None:
            return ""
        return ngettext(
            "From token %(start)s on, the same token comes again and again, %(times)s times so "
            "far.",
            "From token %(start)s on, the same %(number)s tokens come again and again, %(times)s "
            "times so far.",
            self.loop.period,
        ) % {
            "start": count(self.loop.start + 1),
            "number": count(self.loop.period),
            "times": count(self.loop.num_repeats),
        }

    @property
    def ending_words(self) -> str:
        """Why it grew no further; empty if it could."""
        if self.chips and self.chips[-1].token.ends_text:
            return _("Here the model wants to stop.")
        if len(self.text.token_ids) >= self.state.context_length:
            return _("Here the context window is full.")
        return ""

    @property
    def surprise_words(self) -> str:
        return _("%(bits)s of surprise a token on average") % {
            "bits": bits(self.text.mean_surprisal_bits)
        }


def place_in_loop(loop: Loop | None, idx: int) -> tuple[bool, bool]:
    """Whether a token is in the loop, and whether a round begins with it."""
    if loop is None or idx < loop.start:
        return False, False
    return True, (idx - loop.start) % loop.period == 0


@dataclass(frozen=True)
class GrowthStart:
    """Nothing has grown yet. other_seed: of the luck that the button offers."""

    picture: StillWheel
    other_seed: int


@dataclass(frozen=True)
class GrowthView:
    growth: Growth
    predicted: str

    @property
    def other_seed(self) -> int:
        return next_seed(self.growth.seed)

    @cached_property
    def greedy(self) -> GrownPanel:
        return GrownPanel(self.growth.state, self.growth.greedy)

    @cached_property
    def sampled(self) -> GrownPanel:
        return GrownPanel(self.growth.state, self.growth.sampled)

    @property
    def verdict(self) -> str:
        """What came of the prediction."""
        is_right = self.predicted == "loop"
        if self.greedy.loop:
            words = (
                _("You were right. %(loop)s") if is_right else _("It turns in circles. %(loop)s")
            )
            return words % {"loop": self.greedy.loop_words}
        return no_loop_words(len(self.growth.greedy.added), is_right=is_right)

    @cached_property
    def chart(self) -> LineChart:
        return LineChart([self.greedy.entropies, self.sampled.entropies])

    @property
    def lines(self) -> list[tuple[str, list[LinePiece]]]:
        return list(zip(("greedy", "sampled"), self.chart.pieces, strict=True))

    @property
    def loop_band(self) -> tuple[str, str] | None:
        """(x, width) of the loop of the favourite's text in the chart."""
        loop = self.greedy.loop
        return self.chart.band(loop.start + 1, len(self.greedy.chips)) if loop else None

    @property
    def rows(self) -> Sequence[tuple[int, GrownChip | None, GrownChip | None]]:
        """The steps: number, the favourite's token, the drawn one. None for a text that has ended
        before."""
        both = zip_longest(self.greedy.chips, self.sampled.chips)
        return [(step, one, other) for step, (one, other) in enumerate(both, start=1)]


def no_loop_words(num_tokens: int, *, is_right: bool) -> str:
    """Without a circle, the prediction is open still."""
    words = (
        ngettext(
            "Not in this %(number)s token: nothing came three times in a row. With other words it "
            "may.",
            "Not in these %(number)s tokens: nothing came three times in a row. With other words "
            "it may.",
            num_tokens,
        )
        if is_right
        else ngettext(
            "You may be right so far: in this %(number)s token nothing goes in circles. Read it, "
            "and try other words too.",
            "You may be right so far: in these %(number)s tokens nothing goes in circles. Read "
            "them, and try other words too.",
            num_tokens,
        )
    )
    return words % {"number": count(num_tokens)}
