"""The experiment of "Spin it 1,000 times" as its page shows it."""

from dataclasses import dataclass
from functools import cached_property
from math import log
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from wheel.domain.draw_steps import RoundsWithout, rounds_without
from wheel.domain.simulated_draws import SimulatedDraws, prob_of_no_hit
from wheel.domain.token import Token
from wheel.pages.drawing.still_wheel import StillWheel
from wheel.pages.drawing.wheel import num_shown
from wheel.pages.lessons.share_curve import ShareCurve
from wheel.pages.lessons.spin_bars import SpinBars
from wheel.pages.words.numbers import count, odds, percent, rounded_percent
from wheel.pages.words.spoken import spoken
from wheel.services import WheelView

RARE_PROB = 0.01
ROUND_LEN = 30
MIN_CURVE_SPINS = 10
MAX_NAMED_IN_OTHER = 24
MAX_LISTED_IN_OTHER = 300


@dataclass(frozen=True, slots=True)
class DrawnToken:
    """A token of Other that was drawn."""

    token: Token
    count: int


@dataclass(frozen=True, slots=True)
class RareToken:
    """A token of the wheel with a share near 1 %. rounds: observed."""

    token: Token
    prob: float
    rounds: RoundsWithout

    @property
    def prob_of_miss(self) -> float:
        """Of a round without it."""
        return prob_of_no_hit(self.prob, ROUND_LEN)


@dataclass(frozen=True)
class SpinExperiment:
    """
    seed        of these spins, or of those to come
    other_seed  another one
    draws       None before the first spins
    nums_spins  offered by buttons
    """

    view: WheelView
    prediction: str
    seed: int
    other_seed: int
    draws: SimulatedDraws | None
    nums_spins: tuple[int, ...]

    @cached_property
    def picture(self) -> StillWheel:
        return StillWheel(self.view)

    @cached_property
    def bars(self) -> SpinBars | None:
        return SpinBars(self.view, self.draws) if self.draws else None

    @cached_property
    def curve(self) -> ShareCurve | None:
        """Of the favourite; None for too few spins."""
        if self.draws is None or self.draws.num_spins < MIN_CURVE_SPINS:
            return None
        distribution = self.view.wheel.distribution
        token_id = int(distribution.first_token_ids(1)[0])
        token = self.view.state.token(token_id)
        return ShareCurve(self.draws, token, float(distribution.probs[token_id]))

    @property
    def query(self) -> str:
        """Of the address that shows the same again."""
        if self.draws is None:
            return self._query(self.seed)
        return self._query(self.seed, self.draws.num_spins)

    @property
    def other_query(self) -> str:
        """Of as many spins with other luck."""
        return self._query(self.other_seed, self.draws.num_spins if self.draws else None)

    @property
    def steps(self) -> list[tuple[int, str]]:
        """The numbers of spins of the steps, each with the query that shows it alone."""
        sizes = self.bars.sizes if self.bars else []
        return [(size, self._query(self.seed, size)) for size in sizes]

    @property
    def rare_prob(self) -> float:
        return RARE_PROB

    @property
    def round_len(self) -> int:
        return ROUND_LEN

    @property
    def answer(self) -> str:
        """To the prediction."""
        missed = prob_of_no_hit(RARE_PROB, ROUND_LEN)
        words = {
            "rare": rounded_percent(RARE_PROB),
            "missed": rounded_percent(missed),
            "odds": odds(1 - missed),
        }
        match self.prediction:
            case "seldom":
                sentence = _(
                    "You were right: %(missed)s of all rounds of thirty spins are without a token "
                    "of %(rare)s."
                )
            case "never":
                sentence = _(
                    "Nearly: %(missed)s of all rounds of thirty spins are without a token of "
                    "%(rare)s. But “almost surely never” says too much: the odds that it comes up "
                    "are %(odds)s."
                )
            case _:
                sentence = _(
                    "It feels so, but no: %(missed)s of all rounds of thirty spins are without a "
                    "token of %(rare)s. “1 in 100” promises nothing for thirty."
                )
        return sentence % words

    @property
    def announcement(self) -> str:
        """The outcome, for screen readers; empty before the first spins."""
        if self.draws is None or self.bars is None:
            return ""
        furthest = self.bars.furthest
        return _("Spins: %(number)s. Furthest off: %(token)s, %(observed)s, not %(expected)s.") % {
            "number": count(self.draws.num_spins),
            "token": spoken(furthest.token) if furthest.token else _("Other"),
            "observed": percent(furthest.share),
            "expected": percent(furthest.segment.expected_prob),
        }

    @cached_property
    def rare(self) -> RareToken | None:
        """The token with a segment whose share is the closest to 1 %; None without spins, and if
        no token has a segment."""
        wheel = self.view.wheel
        if self.draws is None or not num_shown(wheel):
            return None
        token_ids = wheel.distribution.first_token_ids(num_shown(wheel)).tolist()
        probs = {token_id: float(wheel.distribution.probs[token_id]) for token_id in token_ids}
        token_id = min(probs, key=lambda token_id: abs(log(probs[token_id] / RARE_PROB)))
        rounds = rounds_without(self.draws.token_ids, token_id, ROUND_LEN)
        return RareToken(self.view.state.token(token_id), probs[token_id], rounds)

    @property
    def named_in_other(self) -> list[DrawnToken]:
        return self._drawn_in_other[:MAX_NAMED_IN_OTHER]

    @property
    def further_in_other(self) -> list[DrawnToken]:
        return self._drawn_in_other[MAX_NAMED_IN_OTHER:]

    @property
    def num_different_in_other(self) -> int:
        return len(self.draws.other_counts) if self.draws else 0

    @property
    def num_not_listed_in_other(self) -> int:
        return max(0, self.num_different_in_other - MAX_LISTED_IN_OTHER)

    @cached_property
    def _drawn_in_other(self) -> list[DrawnToken]:
        counts = self.draws.other_counts[:MAX_LISTED_IN_OTHER] if self.draws else ()
        return [DrawnToken(self.view.state.token(token_id), num) for token_id, num in counts]

    def _query(self, seed: int, num_spins: int | None = None) -> str:
        fields = {"prediction": self.prediction, "seed": seed}
        return urlencode(fields | ({"num_spins": num_spins} if num_spins else {}))
