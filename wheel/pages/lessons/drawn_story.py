"""The story of a session beside the prediction: who won, and how surprising it was in bits."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.story_surprise import StorySurprise
from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken
from wheel.pages.panels.figures import TokenFigures
from wheel.pages.panels.story import Chip, build_chips
from wheel.pages.words.numbers import bits, count, odds
from wheel.services import SessionState

MAX_ROWS = 40  # the newest ones
NEARLY_NEVER = 0.25


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A token of the story. The widths of the bars are out of 100, never localised."""

    step: int
    token: Token
    chosen: ChosenToken
    longest_bits: float

    @property
    def figures(self) -> TokenFigures:
        return TokenFigures.of_choice(self.chosen)

    @property
    def is_counted(self) -> bool:
        return self.chosen.is_drawn and self.chosen.is_sample

    @property
    def bar_width(self) -> str:
        return f"{(self.figures.surprisal_bits or 0.0) / self.longest_bits * 100:.2f}"

    @property
    def mark(self) -> str:
        """The uncertainty of the wheel: its surprise on average."""
        return f"{self.chosen.entropy_bits / self.longest_bits * 100:.2f}"


@dataclass(frozen=True)
class DrawnStory:
    state: SessionState
    predicted: str

    @cached_property
    def surprise(self) -> StorySurprise:
        return StorySurprise(self.state.session.history)

    @property
    def has_draws(self) -> bool:
        return bool(self.surprise.draws)

    @cached_property
    def chips(self) -> list[Chip]:
        return build_chips(self.state)

    @property
    def verdict(self) -> str:
        """What came of the prediction."""
        num, num_won = len(self.surprise.draws), self.surprise.num_favourites
        words = {
            "always": _("So far you are right. %(won)s")
            if num_won == num
            else _("It came differently. %(won)s"),
            "sometimes": _("You were right. %(won)s")
            if 0 < num_won < num
            else _("Not yet to be seen. %(won)s Draw a few more."),
            "never": never_words(num_won / num),
        }[self.predicted]
        return words % {"won": self.won_words}

    @property
    def won_words(self) -> str:
        num = len(self.surprise.draws)
        return ngettext(
            "The largest segment won %(won)s of %(number)s draw.",
            "The largest segment won %(won)s of %(number)s draws.",
            num,
        ) % {"won": count(self.surprise.num_favourites), "number": count(num)}

    @property
    def bits_words(self) -> str:
        return _(
            "Your story has %(bits)s of surprise. On these wheels luck makes %(expected)s on "
            "average."
        ) % {
            "bits": bits(self.surprise.total_bits),
            "expected": bits(self.surprise.expected_bits),
        }

    @property
    def odds_words(self) -> str:
        """Empty for a story too long for a number."""
        if not self.surprise.prob:
            return ""
        return _("The chance of exactly this story: %(odds)s.") % {"odds": odds(self.surprise.prob)}

    @property
    def left_out_words(self) -> str:
        if not self.surprise.num_left_out:
            return ""
        return ngettext(
            "%(number)s token is not counted: it was chosen by hand, or drawn again after one was "
            "taken back.",
            "%(number)s tokens are not counted: they were chosen by hand, or drawn again after one "
            "was taken back.",
            self.surprise.num_left_out,
        ) % {"number": count(self.surprise.num_left_out)}

    @cached_property
    def rows(self) -> list[DrawnRow]:
        items = list(enumerate(self.state.history_items, start=1))[-MAX_ROWS:]
        longest = max(
            (max(shown_bits(item.chosen), item.chosen.entropy_bits) for _step, item in items),
            default=0.0,
        )
        return [DrawnRow(step, item.token, item.chosen, longest or 1.0) for step, item in items]


def never_words(share_won: float) -> str:
    if share_won == 0:
        return _("So far you are right. %(won)s")
    return _("Nearly. %(won)s") if share_won <= NEARLY_NEVER else _("It came differently. %(won)s")


def shown_bits(chosen: ChosenToken) -> float:
    return TokenFigures.of_choice(chosen).surprisal_bits or 0.0
