"""Any text as a model reads it: as tokens, and with the surprisal of each."""

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

from wheel import runtime
from wheel.domain.scored_text import ScoredText, TokenScore
from wheel.errors import EmptyPromptError, InvalidFieldsError, PromptTooLongError
from wheel.language_models.tokenizer import Tokenizer
from wheel.sentences import Sentence
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


def max_characters() -> int:
    """The longest text, in characters."""
    return runtime.current().max_prompt_characters


def score(*, text: str, model_id: str | None = None) -> SurpriseOfText:
    """Raises what `tokenize` raises, `PromptTooLongError` also for a text that the model cannot
    read at once, and `EngineBusyError`."""
    tokenized = tokenize(text=text, model_id=model_id)
    max_tokens = max_scored_tokens(tokenized.model_id)
    num_tokens = len(tokenized.token_ids)
    if num_tokens > max_tokens:
        raise PromptTooLongError(
            Sentence(
                "The text has %(number)s tokens; this model can score at most %(maximum)s.",
                number=num_tokens,
                maximum=max_tokens,
            )
        )
    return surprise_of(tokenized)


def require_text(text: str) -> None:
    """Raises `EmptyPromptError` or `PromptTooLongError`."""
    max_characters = runtime.current().max_prompt_characters
    if not text.strip():
        raise EmptyPromptError(Sentence("The text is empty."))
    if len(text) > max_characters:
        raise PromptTooLongError(
            Sentence(
                "The text has %(number)s characters; at most %(maximum)s are allowed.",
                number=len(text),
                maximum=max_characters,
            )
        )


def encode_text(text: str, tokenizer: Tokenizer) -> tuple[int, ...]:
    """Raises `InvalidFieldsError`, which names the field `text`."""
    try:
        return tokenizer.encode(text)
    except InvalidFieldsError as error:
        sentences = [sentence for field in error.errors.values() for sentence in field]
        raise InvalidFieldsError({"text": sentences}) from None


def score_beginning(*, text: str, model_id: str | None = None) -> SurpriseOfText:
    """`score` of as much of a text as the model can read at once."""
    whole = tokenize(text=text, model_id=model_id)
    token_ids = whole.token_ids[: max_scored_tokens(whole.model_id)]
    if len(token_ids) == len(whole.token_ids):
        return surprise_of(whole)
    tokens = whole.tokenizer.tokens
    read = b"".join(tokens[token_id].token_bytes for token_id in token_ids)
    num_characters = len(read.decode(errors="ignore"))  # the last one may be read in part
    return surprise_of(replace(whole, token_ids=token_ids, num_characters=num_characters))


def max_scored_tokens(model_id: str) -> int:
    """One more than the context window holds, since the last token of a text is not read."""
    return runtime.current().catalog.context_length(model_id) + 1


def surprise_of(text: TokenizedText) -> SurpriseOfText:
    scores = token_scores(text.model_id, text.token_ids)
    return SurpriseOfText(text, ScoredText(text.token_ids[0], scores, text.num_characters))


def token_scores(
    model_id: str, token_ids: tuple[int, ...], *, max_wait_s: float = inf
) -> list[TokenScore]:
    """Of each token but the first, from the cache if it has them. Raises as `result_of` does."""
    known = cached_scores(model_id, token_ids)
    if known is not None:
        return known
    current = runtime.current()
    scores = result_of(current.engine.score(model_id, token_ids), max_wait_s=max_wait_s)
    current.scores_cache.put((model_id, token_ids), scores)
    return rows_of(token_ids, scores)


def cached_scores(model_id: str, token_ids: tuple[int, ...]) -> list[TokenScore] | None:
    """None if they would have to be computed."""
    if len(token_ids) < 2:  # nothing comes after the first token
        return []
    scores = runtime.current().scores_cache.get((model_id, token_ids))
    return None if scores is None else rows_of(token_ids, scores)


def rows_of(token_ids: tuple[int, ...], scores: "Scores") -> list[TokenScore]:
    columns = zip(
        token_ids[1:],
        scores.log_probs.tolist(),
        scores.ranks.tolist(),
        scores.expected_ids.tolist(),
        scores.expected_log_probs.tolist(),
        strict=True,
    )
    return [TokenScore(*values) for values in columns]
