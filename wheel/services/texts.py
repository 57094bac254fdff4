"""Any text as a model reads it: as tokens, and with the surprisal of each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheel import runtime
from wheel.domain.scored_text import ScoredText, TokenScore
from wheel.errors import EmptyPromptError, InvalidFieldsError, PromptTooLongError
from wheel.language_models.tokenizer import Tokenizer
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
    require_text(text)
    catalog = runtime.current().catalog
    model_id = model_id or catalog.default_model_id()
    tokenizer = catalog.tokenizer(model_id)
    return TokenizedText(model_id, tokenizer, encode_text(text, tokenizer), len(text))


def score(*, text: str, model_id: str | None = None) -> SurpriseOfText:
    """Raises what `tokenize` raises, `PromptTooLongError` also for a text that the model cannot
    read at once, and `EngineBusyError`."""
    tokenized = tokenize(text=text, model_id=model_id)
    token_ids, current = tokenized.token_ids, runtime.current()
    context_length = current.catalog.context_length(tokenized.model_id)
    if len(token_ids) > context_length + 1:  # the last token is scored and not read
        raise PromptTooLongError(
            f"The text has {len(token_ids)} tokens; this model can score at most "
            f"{context_length + 1}."
        )
    scores: list[TokenScore] = []
    if len(token_ids) > 1:
        scores = token_scores(
            token_ids, result_of(current.engine.score(tokenized.model_id, token_ids))
        )
    return SurpriseOfText(tokenized, ScoredText(token_ids[0], scores, tokenized.num_characters))


def require_text(text: str) -> None:
    """Raises `EmptyPromptError` or `PromptTooLongError`."""
    max_characters = runtime.current().max_prompt_characters
    if not text.strip():
        raise EmptyPromptError("The text is empty.")
    if len(text) > max_characters:
        raise PromptTooLongError(
            f"The text has {len(text)} characters; at most {max_characters} are allowed."
        )


def encode_text(text: str, tokenizer: Tokenizer) -> tuple[int, ...]:
    """Raises `InvalidFieldsError`, which names the field `text`."""
    try:
        return tokenizer.encode(text)
    except InvalidFieldsError as error:
        sentences = [sentence for field in error.errors.values() for sentence in field]
        raise InvalidFieldsError({"text": sentences}) from None


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
