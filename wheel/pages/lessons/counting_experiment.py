"""Contents of the lesson on the counting model: counts, shares, two wheels and two stories."""

from dataclasses import dataclass
from functools import cached_property

from wheel.domain.counting_model import DISCOUNT, Followers
from wheel.domain.token import Token
from wheel.pages.drawing.still_wheel import StillWheel
from wheel.pages.lessons.luck_seeds import first_seed, next_seed
from wheel.services import GrownStory, ModelPair
from wheel.shipped_texts import SHIPPED_TEXTS, ShippedText

MAX_ROWS_OF_A_WHEEL = 6
MAX_TEXT_TOKENS = 2_000  # of the counted text, as shown


@dataclass(frozen=True, slots=True)
class Level:
    """A context and its followers in the text. `tokens` is empty for the whole text."""

    tokens: tuple[Token, ...]
    followers: Followers

    @property
    def times(self) -> int:
        return self.followers.total

    @property
    def num_types(self) -> int:
        return self.followers.num_types


@dataclass(frozen=True, slots=True)
class WorkedLevel:
    """One step of the way from counts to a share: that of the favourite after this context."""

    level: Level
    count: int
    prob: float


@dataclass(frozen=True, slots=True)
class ComparedToken:
    """`counts` after each context, the longest first."""

    token: Token
    counts: tuple[int, ...]
    counting_prob: float
    language_prob: float


@dataclass(frozen=True)
class CountingExperiment:
    """`stories` are those of the counting model and of the language model; empty without a seed."""

    pair: ModelPair
    seed: int | None
    stories: tuple[GrownStory, ...]

    @property
    def other_seed(self) -> int:
        """Of the luck that the button offers. Sessions begin with different ones, so that a class
        does not grow equal stories."""
        session_id = self.pair.state.session.session_id
        return first_seed(session_id) if self.seed is None else next_seed(self.seed)

    @property
    def order(self) -> int:
        return self.pair.model.order

    @property
    def shipped_text(self) -> ShippedText | None:
        counted = self.pair.state.session.counted_text
        return SHIPPED_TEXTS.get(counted.text_key or "") if counted else None

    @property
    def counted_text(self) -> str:
        """The beginning of the text."""
        return self.pair.state.tokenizer.decode(self.pair.model.text[:MAX_TEXT_TOKENS].tolist())

    @property
    def is_cut(self) -> bool:
        return self.pair.model.num_tokens > MAX_TEXT_TOKENS

    @cached_property
    def counting_picture(self) -> StillWheel:
        return StillWheel(self.pair.counting)

    @cached_property
    def language_picture(self) -> StillWheel:
        return StillWheel(self.pair.language)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The longest context first, the whole text last; unseen ones too."""
        token_ids = self.pair.counting.state.session.token_ids
        lengths = range(min(self.order - 1, len(token_ids)), 0, -1)
        contexts = [*(token_ids[-length:] for length in lengths), ()]
        return tuple(self._level(context) for context in contexts)

    @property
    def favourite(self) -> Token:
        return self._token(int(self.pair.counting.raw.first_token_ids(1)[0]))

    @cached_property
    def worked(self) -> tuple[WorkedLevel, ...]:
        """The share of the favourite, from the whole text to the longest context that was seen."""
        worked: list[WorkedLevel] = []
        prob = 0.0
        for level in reversed(self.levels):
            count = level.followers.count_of(self.favourite.token_id)
            if not level.times:
                break
            if level.tokens:
                saved = DISCOUNT * level.num_types * prob
                prob = (max(count - DISCOUNT, 0.0) + saved) / level.times
            else:
                prob = count / level.times
            worked.append(WorkedLevel(level, count, prob))
        return tuple(worked)

    @cached_property
    def rows(self) -> tuple[ComparedToken, ...]:
        """The likeliest tokens of both wheels, by their share on the counting model's."""
        views = (self.pair.counting, self.pair.language)
        token_ids = {
            token_id
            for view in views
            for token_id in view.raw.first_token_ids(MAX_ROWS_OF_A_WHEEL).tolist()
            if view.raw.probs[token_id] > 0
        }
        rows = [self._compared(token_id) for token_id in token_ids]
        return tuple(sorted(rows, key=ranking_key))

    def _compared(self, token_id: int) -> ComparedToken:
        return ComparedToken(
            self._token(token_id),
            tuple(level.followers.count_of(token_id) for level in self.levels),
            float(self.pair.counting.raw.probs[token_id]),
            float(self.pair.language.raw.probs[token_id]),
        )

    def _level(self, context: tuple[int, ...]) -> Level:
        tokens = tuple(self._token(token_id) for token_id in context)
        return Level(tokens, self.pair.model.followers(context))

    def _token(self, token_id: int) -> Token:
        return self.pair.state.token(token_id)


def ranking_key(row: ComparedToken) -> tuple[float, float, int]:
    return -row.counting_prob, -row.language_prob, row.token.token_id
