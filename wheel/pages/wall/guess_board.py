"""The guesses of a class in one round of "Guess first", as bars by token.

A hidden member's guess counts, but its word is not shown, unless a visible member has guessed it
too.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log2

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel import services
from wheel.domain.guess import MAX_GUESSES
from wheel.domain.story_tree import NodeName
from wheel.domain.token import Token, surprisal_bits
from wheel.errors import TokenWheelError
from wheel.models import Classroom
from wheel.pages.drawing.wheel import num_shown, segment_hues
from wheel.pages.lessons.guess_first import LESSON
from wheel.pages.wall.band import MARK_WIDTH, SCALES, WIDTH
from wheel.pages.wall.beginning_text import beginning_text
from wheel.pages.words.directions import text_direction
from wheel.pages.words.messages import sentence
from wheel.pages.words.numbers import bits, count, rounded_percent
from wheel.services import WheelView
from wheel.services.classrooms import GuessRound, Story, find_guess_round

MAX_TEXT_LEN = 90
NUM_FAVOURITES = 3  # of the model, which are listed also if they were not guessed
MAX_ROWS = 12  # of single tokens; one more row has the other guesses


@dataclass(frozen=True, slots=True)
class GuessRow:
    """The guesses of a token. token, log_prob: None for guesses without a row of their own.

    num_all   of all guesses
    log_prob  natural log, in the model's own distribution
    scale     the share at the end of the axis
    """

    token: Token | None
    text: str
    count: int
    num_all: int
    log_prob: float | None
    prob: float
    hue_index: int | None
    scale: float
    key: str

    @property
    def share(self) -> float:
        return self.count / self.num_all if self.num_all else 0.0

    @property
    def bits(self) -> float | None:
        return None if self.log_prob is None else surprisal_bits(self.log_prob)

    @property
    def bar_width(self) -> str:
        return f"{self.share / self.scale * WIDTH:.2f}"

    @property
    def mark_x(self) -> str:
        """The left edge of the mark of the model's probability."""
        middle = min(1.0, self.prob / self.scale) * WIDTH
        return f"{min(max(0.0, middle - MARK_WIDTH / 2), WIDTH - MARK_WIDTH):.2f}"

    @property
    def mark_width(self) -> str:
        return f"{MARK_WIDTH:g}"


@dataclass(frozen=True)
class GuessBoard:
    """guess_round: None if there is an `obstacle`. view: the wheel at the place of the round; None
    while the guesses are covered, and without any."""

    guess_round: GuessRound | None
    view: WheelView | None = None
    obstacle: str = ""

    @property
    def is_covered(self) -> bool:
        """Whether the wall shows neither guesses nor a wheel."""
        return self.guess_round is None or not self.guess_round.is_shown

    @cached_property
    def text(self) -> str:
        """The end of the text before the token; empty if no student has come to the round yet."""
        place = self.guess_round.place if self.guess_round else None
        return beginning_text(place, MAX_TEXT_LEN) if place else ""

    @property
    def direction(self) -> str:
        return text_direction(self.text)

    @property
    def place_name(self) -> NodeName | None:
        """Of the fork whose wheel belongs to the round."""
        return self._round.place.name if self._round.place else None

    @property
    def number(self) -> int:
        return self._round.number

    @property
    def max_rounds(self) -> int:
        return MAX_GUESSES

    @property
    def previous_round(self) -> int | None:
        return self.number - 1 or None

    @property
    def next_round(self) -> int | None:
        return self.number + 1 if self.number < MAX_GUESSES else None

    @property
    def progress(self) -> str:
        """12 have guessed · 3 still think; with those who cannot be counted."""
        found, parts = self._round, []
        parts.append(
            ngettext("%(number)s has guessed", "%(number)s have guessed", found.num_guesses)
            % {"number": count(found.num_guesses)}
        )
        if num := found.num_waiting:
            waiting = ngettext("%(number)s has not yet", "%(number)s have not yet", num)
            parts.append(waiting % {"number": count(num)})
        if num := found.num_elsewhere:
            elsewhere = ngettext(
                "%(number)s is at another text", "%(number)s are at another text", num
            )
            parts.append(elsewhere % {"number": count(num)})
        return " · ".join(parts)

    @property
    def costs(self) -> str:
        """The mean surprise at the guesses, beside what other ways to guess would have cost."""
        if self.view is None or not self._round.num_guesses:
            return ""
        raw = self.view.raw
        return _(
            "On average your guesses cost %(guesses)s. The model's favourite would have cost "
            "%(favourite)s, a token drawn from its wheel %(expected)s on average, and with no idea "
            "at all it would be %(uniform)s."
        ) % {
            "guesses": bits(self._round.mean_bits),
            "favourite": bits(surprisal_bits(float(raw.log_probs.max()))),
            "expected": bits(raw.entropy_bits),
            "uniform": bits(log2(raw.vocabulary_size)),
        }

    @cached_property
    def rows(self) -> list[GuessRow]:
        """The guessed tokens, the most frequent first, and the model's favourites; last, guesses
        without a row of their own."""
        if self.view is None:
            return []
        token_ids = sorted(self._counts, key=lambda one: (-self._counts[one], -self._prob(one)))
        rows = [self._token_row(token_id) for token_id in token_ids[:MAX_ROWS]]
        favourites = self.view.raw.first_token_ids(NUM_FAVOURITES).tolist()
        rows += [self._token_row(one) for one in favourites if one not in token_ids[:MAX_ROWS]]
        num_more = sum(self._counts[token_id] for token_id in token_ids[MAX_ROWS:])
        rows += [self._rest_row("more", _("other tokens"), num_more)] if num_more else []
        num_hidden = self._round.num_guesses - self._counts.total()
        return rows + ([self._rest_row("hidden", _("hidden"), num_hidden)] if num_hidden else [])

    @property
    def scale_words(self) -> str:
        return _("From 0 to %(end)s") % {"end": rounded_percent(self._scale)}

    @cached_property
    def _counts(self) -> Counter[int]:
        """Of the tokens that may be shown."""
        by_hidden = {True: Counter[int](), False: Counter[int]()}
        for one in self._round.guesses:
            by_hidden[one.story.member.is_hidden][one.guess.token_id] += 1
        shown = by_hidden[False]
        return shown + Counter({one: num for one, num in by_hidden[True].items() if one in shown})

    @cached_property
    def _scale(self) -> float:
        num_all = self._round.num_guesses
        assert self.view is not None
        largest = max(
            float(self.view.raw.probs.max()),
            *(num / num_all for num in self._counts.values()),
            (num_all - self._counts.total()) / num_all if num_all else 0.0,
        )
        return next((scale for scale in SCALES if largest <= scale), SCALES[-1])

    @cached_property
    def _hues(self) -> dict[int, int]:
        assert self.view is not None
        wheel = self.view.wheel
        own = wheel.distribution.first_token_ids(num_shown(wheel)).tolist()
        return dict(zip(own, segment_hues(wheel), strict=True))

    def _prob(self, token_id: int) -> float:
        assert self.view is not None
        return float(self.view.raw.probs[token_id])

    def _token_row(self, token_id: int) -> GuessRow:
        assert self.view is not None
        return GuessRow(
            token=self.view.state.token(token_id),
            text="",
            count=self._counts[token_id],
            num_all=self._round.num_guesses,
            log_prob=float(self.view.raw.log_probs[token_id]),
            prob=self._prob(token_id),
            hue_index=self._hues.get(token_id),
            scale=self._scale,
            key=f"{self.number}-{token_id}",
        )

    def _rest_row(self, key: str, text: str, num: int) -> GuessRow:
        num_all = self._round.num_guesses
        name = f"{self.number}-{key}"
        return GuessRow(None, text, num, num_all, None, 0.0, None, self._scale, name)

    @property
    def _round(self) -> GuessRound:
        assert self.guess_round is not None
        return self.guess_round


def build_guess_board(classroom: Classroom, stories: Sequence[Story]) -> GuessBoard | None:
    """None for a class that does another lesson. An error of the engine is shown instead of the
    guesses."""
    if classroom.lesson != LESSON.key:
        return None
    try:
        found = find_guess_round(classroom, stories)
        if found.place is None or not found.is_shown:
            return GuessBoard(found)
        view = services.wheel_after(
            model_id=found.place.model_id,
            token_ids=found.place.token_ids,
            settings=classroom.wheel_settings,
        )
    except TokenWheelError as error:
        return GuessBoard(None, obstacle=sentence(error))
    return GuessBoard(found, view)
