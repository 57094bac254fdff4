"""A text with the surprise of each of its tokens: chips, a table, and its most surprising place."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from wheel.domain.scored_text import ScoredText, TokenScore
from wheel.domain.token import Token, completed_characters, decode, display
from wheel.pages.drawing.surprisal_line import SurprisalLine
from wheel.pages.panels.figures import TokenFigures
from wheel.pages.panels.story import Chip, read_facts, score_of_each
from wheel.pages.words.directions import isolated, text_direction
from wheel.pages.words.models import model_name
from wheel.pages.words.numbers import percent
from wheel.services import SurpriseOfText

SHOWN_BEFORE_PEAK = 60  # characters


@dataclass(frozen=True, slots=True)
class ScoredChip(Chip):
    """A token of a text that the model has read. `expected`: its favourite at this place."""

    expected: Token | None = None

    @property
    def facts_of_prompt(self) -> list[str]:
        return read_facts(self)

    @property
    def title(self) -> str:
        return f"{self.facts}\n{' · '.join([self.more_facts, *self.expectation])}"

    @property
    def expectation(self) -> list[str]:
        if self.expected is None or self.score is None:
            return []
        figures = {"token": isolated(self.expected), "share": percent(expected_prob(self.score))}
        return [_("the favourite was %(token)s, %(share)s") % figures]


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A token in the table. `number`: 1-based, of its place in the text."""

    number: int
    token: Token
    figures: TokenFigures
    rank: int
    expected: Token
    expected_prob: float


@dataclass(frozen=True, slots=True)
class Peak:
    """The most surprising place. `before`: the end of the text up to it."""

    before: str
    is_cut: bool
    row: ScoredRow

    @property
    def was_expected(self) -> bool:
        """Whether the most surprising token was the favourite all the same."""
        return self.row.token == self.row.expected


def expected_prob(score: TokenScore) -> float:
    return TokenScore(
        score.expected_id, score.expected_log_prob, 0, score.expected_id, score.expected_log_prob
    ).prob


@dataclass(frozen=True)
class ScoredTextPanel:
    """`num_characters`: of the whole text, of which the model may have read the beginning only."""

    surprise: SurpriseOfText
    num_characters: int

    @property
    def scored(self) -> ScoredText:
        return self.surprise.scored

    @property
    def model_name(self) -> str:
        return model_name(self.surprise.text.model_id)

    @property
    def num_tokens(self) -> int:
        return len(self.surprise.text.token_ids)

    @property
    def is_cut(self) -> bool:
        return self.surprise.text.num_characters < self.num_characters

    @cached_property
    def tokens(self) -> list[Token]:
        table = self.surprise.text.tokenizer.tokens
        return [table[token_id] for token_id in self.surprise.text.token_ids]

    @property
    def text_direction(self) -> str:
        return text_direction(decode(b"".join(token.token_bytes for token in self.tokens)))

    @cached_property
    def chips(self) -> list[ScoredChip]:
        table = self.surprise.text.tokenizer.tokens
        scores = score_of_each(self.tokens, self.scored.scores)
        return [
            ScoredChip(
                token,
                completed=display(completed),
                score=score,
                is_first=score is None,
                expected=table[score.expected_id] if score else None,
            )
            for token, completed, score in zip(
                self.tokens, completed_characters(self.tokens), scores, strict=True
            )
        ]

    @cached_property
    def rows(self) -> list[ScoredRow]:
        table = self.surprise.text.tokenizer.tokens
        return [
            ScoredRow(
                number,
                table[score.token_id],
                TokenFigures.of_score(score),
                score.rank + 1,
                table[score.expected_id],
                expected_prob(score),
            )
            for number, score in enumerate(self.scored.scores, start=2)
        ]

    @cached_property
    def peak(self) -> Peak:
        """There must be a token with a score."""
        most = self.scored.most_surprising
        assert most is not None
        idx = list(self.scored.scores).index(most)
        text = decode(b"".join(token.token_bytes for token in self.tokens[: idx + 1]))
        return Peak(text[-SHOWN_BEFORE_PEAK:], len(text) > SHOWN_BEFORE_PEAK, self.rows[idx])

    @cached_property
    def line(self) -> SurprisalLine:
        return SurprisalLine([score.surprisal_bits for score in self.scored.scores])

    @property
    def mean_bits(self) -> float:
        return self.scored.total_bits / len(self.scored.scores)
