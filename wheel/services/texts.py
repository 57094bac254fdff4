"""Any text as a model reads it: as tokens, and with the surprisal of each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheel import runtime
from wheel.domain.scored_text import ScoredText, TokenScore
from wheel.errors import PromptTooLongError
from wheel.language_models.tokenizer import Tokenizer
from wheel.sentences import Sentence
from wheel.services.prompts import require_characters
from wheel.services.wheels import result_of

if TYPE_CHECKING:
    from wheel.engine.scores import Scores


@dataclass(frozen=True)
class TokenizedText:
    """`num_characters`: Unicode code points of the text."""

    model_id: str
    tokenizer: Tokenizer
    token_ids: tuple[int, ...]
    num_characters: int


@dataclass(frozen=True)
class SurpriseOfText:
    """A text with the scores of its tokens; the first has none."""

    text: TokenizedText
    scored: ScoredText


def tokenize(*, text: str, model_id: str | None = None) -> TokenizedText:
    """Raises `EmptyPromptError`, `PromptTooLongError`, `InvalidFieldsError` for characters that the
    vocabulary lacks, `UnknownModelError` and `ModelUnavailableError`."""
    require_characters(text)
    catalog = runtime.current().catalog
    model_id = model_id or catalog.default_model_id()
    tokenizer = catalog.tokenizer(model_id)
    return TokenizedText(model_id, tokenizer, tokenizer.encode(text), len(text))


def score(*, text: str, model_id: str | None = None) -> SurpriseOfText:
    """Raises what `tokenize` raises, `PromptTooLongError` also for a text that the model cannot
    read at once, and `EngineBusyError`."""
    tokenized = tokenize(text=text, model_id=model_id)
    token_ids, current = tokenized.token_ids, runtime.current()
    context_length = current.catalog.context_length(tokenized.model_id)
    if len(token_ids) - 1 > context_length:
        raise PromptTooLongError(
            Sentence(
                "The text has %(number)s tokens; this model can read at most %(maximum)s.",
                number=len(token_ids),
                maximum=context_length,
            )
        )
    scores: list[TokenScore] = []
    if len(token_ids) > 1:
        scores = token_scores(
            token_ids, result_of(current.engine.score(tokenized.model_id, token_ids))
        )
    return SurpriseOfText(tokenized, ScoredText(token_ids[0], scores, tokenized.num_characters))


def token_scores(token_ids: tuple[int, ...], scores: "Scores") -> list[TokenScore]:
    columns = zip(
        token_ids[1:],
        scores.log_probs.tolist(),
        scores.ranks.tolist(),
        scores.expected_ids.tolist(),
        scores.expected_log_probs.tolist(),
        strict=True,
    )
    return [TokenScore(*values) for values in columns]
