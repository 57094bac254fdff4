"""Contents of the lesson "Guess first" for a session: the rounds played, a round with its wheel,
the next question, and the result of all rounds."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import log

from django.utils.translation import gettext as _

from wheel import services
from wheel.domain.distribution import Distribution
from wheel.domain.guess import MAX_GUESSES, Guess, GuessingCosts
from wheel.domain.token import Token, surprisal_bits
from wheel.domain.wheel_session import ChosenToken
from wheel.pages.drawing.geometry import arc_path
from wheel.pages.drawing.still_wheel import StillWheel
from wheel.pages.panels.story import Result, build_result
from wheel.pages.words.numbers import bits
from wheel.services import SessionState, WheelView

# A choice of likely and less likely tokens: 1-based ranks on the wheel.
CHOICE_RANKS = (1, 2, 3, 5, 8, 13, 21, 34)
MAX_CHOICE_RANK = 100


@dataclass(frozen=True)
class PlayedRound:
    """A guess, and the token that was drawn after it. `number` is 1-based."""

    state: SessionState
    number: int
    guess: Guess

    @property
    def guessed(self) -> Token:
        return self.state.token(self.guess.token_id)

    @property
    def chosen(self) -> ChosenToken:
        return self.state.session.history[self.guess.position]

    @property
    def drawn(self) -> Token:
        return self.state.token(self.chosen.token_id)

    @property
    def drawn_bits(self) -> float:
        """The surprise at the drawn token, in the model's own distribution."""
        prob = self.chosen.raw_prob
        assert prob is not None
        return surprisal_bits(log(prob))

    @property
    def is_hit(self) -> bool:
        return self.guess.token_id == self.chosen.token_id


@dataclass(frozen=True)
class RevealedRound(PlayedRound):
    """A round with its wheel, on which the guess is marked."""

    view: WheelView

    @cached_property
    def picture(self) -> StillWheel:
        return StillWheel(self.view)

    @property
    def text_before(self) -> str:
        return self.view.state.current_text

    @property
    def guess_prob(self) -> float:
        return float(self.view.raw.probs[self.guess.token_id])

    @property
    def favourite(self) -> Token:
        return self.state.token(self._favourite_id)

    @property
    def favourite_prob(self) -> float:
        return float(self.view.raw.probs[self._favourite_id])

    @property
    def favourite_bits(self) -> float:
        return surprisal_bits(float(self.view.raw.log_probs[self._favourite_id]))

    @property
    def entropy_bits(self) -> float:
        return self.view.raw.entropy_bits

    @property
    def result(self) -> Result:
        return build_result(self.state, self.chosen)

    @property
    def is_in_other(self) -> bool:
        """Whether the guess has no segment of its own."""
        prob = self.view.wheel.distribution.probs[self.guess.token_id]
        return bool(prob < self.view.wheel.threshold)

    @property
    def is_off_wheel(self) -> bool:
        """Whether the knobs have removed the guess."""
        return bool(self.view.wheel.distribution.probs[self.guess.token_id] == 0)

    @property
    def guess_degrees(self) -> str:
        """The middle of its arc, never localised; empty for a token that is not on the wheel."""
        start, end = self.view.wheel.arc_of(self.guess.token_id)
        return "" if self.is_off_wheel else f"{(start + end) * 180:.4f}"

    @property
    def guess_path(self) -> str:
        """The outline of its segment; empty if it has none."""
        return "" if self.is_in_other else arc_path(*self.view.wheel.arc_of(self.guess.token_id))

    @property
    def stop_degrees(self) -> str:
        """The angle at which the spin stopped, never localised."""
        return f"{(self.chosen.u or 0.0) * 360:.4f}"

    @cached_property
    def _favourite_id(self) -> int:
        return int(self.view.raw.first_token_ids(1)[0])


@dataclass(frozen=True)
class CostBar:
    """A bar of the chart. `kind` is for the colour; lengths are of the drawing."""

    kind: str
    label: str
    total: float
    mean: float
    y: int
    width: str

    @property
    def value_x(self) -> str:
        return f"{float(self.width) + 6:.2f}"

    @property
    def bar_y(self) -> int:
        return self.y + 19

    @property
    def value_y(self) -> int:
        return self.y + 31


BAR_STEP, MAX_BAR_WIDTH = 46, 250.0


@dataclass(frozen=True)
class GameResult:
    """All rounds, and what other ways to guess would have cost."""

    rounds: list[PlayedRound]
    costs: GuessingCosts
    vocabulary_size: int

    @property
    def mean_bits(self) -> float:
        return self.costs.guesses / self.costs.num_rounds

    @property
    def num_hits(self) -> int:
        return sum(played.is_hit for played in self.rounds)

    @property
    def drawn_bits(self) -> float:
        return sum(played.drawn_bits for played in self.rounds)

    @property
    def mean_drawn_bits(self) -> float:
        return self.drawn_bits / len(self.rounds)

    @property
    def verdict(self) -> str:
        costs = self.costs
        if all(played.guess.is_favourite for played in self.rounds):
            return _("Every guess was the model's favourite: no guesses can cost less than yours.")
        if costs.guesses <= costs.expected:
            return _(
                "Your guesses surprised the model less than its own draws do on average. You "
                "know well what it expects."
            )
        if costs.guesses <= costs.uniform:
            return _(
                "Your guesses surprised the model more than its own draws do on average, and less "
                "than they would surprise one with no idea at all: you know some of what it knows."
            )
        return _(
            "Your guesses surprised the model more than they would surprise one with no idea at "
            "all: what seems natural to you does not to this model, or you looked for surprises."
        )

    @property
    def bars(self) -> list[CostBar]:
        return list(self._bars())

    @property
    def chart_height(self) -> int:
        return BAR_STEP * 4

    @property
    def chart_name(self) -> str:
        """The chart in a sentence, for screen readers."""
        parts = [f"{bar.label}: {bits(bar.total)}" for bar in self._bars()]
        return "; ".join(parts)

    def _bars(self) -> Iterator[CostBar]:
        costs = self.costs
        ways = (
            ("you", _("Your guesses"), costs.guesses),
            ("favourite", _("Always the model's favourite"), costs.favourite),
            ("expected", _("The model's own draws, on average"), costs.expected),
            ("uniform", _("No idea: all tokens equally likely"), costs.uniform),
        )
        longest = max(total for _kind, _label, total in ways)
        for idx, (kind, label, total) in enumerate(ways):
            width = f"{total / longest * MAX_BAR_WIDTH:.2f}"
            yield CostBar(kind, label, total, total / costs.num_rounds, idx * BAR_STEP, width)


@dataclass(frozen=True)
class GuessGame:
    """shown: the number of the round to show; None for the next question."""

    state: SessionState
    shown: int | None = None

    @cached_property
    def rounds(self) -> list[PlayedRound]:
        guesses = enumerate(self.state.session.guesses, start=1)
        return [PlayedRound(self.state, number, guess) for number, guess in guesses]

    @property
    def max_rounds(self) -> int:
        return MAX_GUESSES

    @property
    def number(self) -> int:
        """Of the next round, or of the one on show."""
        return self.shown or len(self.rounds) + 1

    @property
    def is_over(self) -> bool:
        return len(self.rounds) >= MAX_GUESSES

    @property
    def is_last_shown(self) -> bool:
        return self.shown == len(self.rounds)

    @property
    def position(self) -> int:
        return len(self.state.session.history)

    @property
    def bits_so_far(self) -> float:
        return sum(played.guess.surprisal_bits for played in self.rounds)

    @property
    def is_paused(self) -> bool:
        """Whether the class lets its members only look."""
        member = self.state.member
        return member is not None and not member.classroom.is_open

    @property
    def is_reshaped(self) -> bool:
        """Whether knobs make the wheels differ from the model's own distribution."""
        return self.state.session.settings.reshapes

    @cached_property
    def revealed(self) -> RevealedRound | None:
        if self.shown is None:
            return None
        played = self.rounds[self.shown - 1]
        [view] = services.past_wheels(state=self.state, positions=[played.guess.position])
        return RevealedRound(self.state, self.shown, played.guess, view)

    @cached_property
    def result(self) -> GameResult | None:
        """None until all rounds are played, and while one is on show."""
        if not self.is_over or self.shown is not None:
            return None
        guesses = self.state.session.guesses
        positions = [guess.position for guess in guesses]
        views = services.past_wheels(state=self.state, positions=positions)
        costs = GuessingCosts.of(guesses, [view.raw for view in views])
        return GameResult(self.rounds, costs, self.state.tokenizer.vocabulary_size)

    @cached_property
    def choices(self) -> list[Token]:
        """Tokens to choose from, in an order that does not tell their probabilities."""
        if self.shown is not None or self.is_over:
            return []
        view = services.serve_wheel(state=self.state, is_stored=False)
        tokens = pick_choices(self.state, view.raw)
        session = self.state.session
        seed = f"{session.session_id}:{len(session.guesses)}:{self.position}"
        random.Random(seed).shuffle(tokens)  # noqa: S311 - the same order after a reload
        return tokens


def pick_choices(state: SessionState, raw: Distribution) -> list[Token]:
    """The tokens of `CHOICE_RANKS`; instead of one that cannot be read, the next."""
    ranked = [state.token(int(token_id)) for token_id in raw.first_token_ids(MAX_CHOICE_RANK)]
    picked: list[Token] = []
    for rank in CHOICE_RANKS:
        rest = (token for token in ranked[rank - 1 :] if token not in picked)
        picked += islice(filter(is_readable, rest), 1)
    return picked


def is_readable(token: Token) -> bool:
    return not token.is_special and not token.is_piece
