"""The text that a wheel session begins with."""

from wheel import runtime
from wheel.domain.wheel_session import WheelSession
from wheel.errors import EmptyPromptError, PromptTooLongError
from wheel.language_models.tokenizer import Tokenizer
from wheel.services.changes import change, describe, prefetch_wheel
from wheel.services.states import SessionState


def set_prompt(*, session_id: str, prompt: str, rev: int | None = None) -> SessionState:
    """Start the text over. Raises `EmptyPromptError` or `PromptTooLongError`."""
    require_characters(prompt)

    def with_prompt(session: WheelSession) -> WheelSession:
        state = describe(session)
        return session.with_prompt(encode_prompt(prompt, state.tokenizer, state.context_length))

    state = change(session_id, rev, with_prompt)[1]
    prefetch_wheel(state)
    return state


def check_prompt(*, prompt: str, model_id: str | None = None) -> None:
    """Raises `EmptyPromptError` or `PromptTooLongError` where no session of the model could begin
    with this prompt, and `ModelUnavailableError` where nobody can tell."""
    require_characters(prompt)
    catalog = runtime.current().catalog
    model_id = model_id or catalog.default_model_id()
    encode_prompt(prompt, catalog.tokenizer(model_id), catalog.context_length(model_id))


def require_characters(prompt: str) -> None:
    max_characters = runtime.current().max_prompt_characters
    if not prompt.strip():
        raise EmptyPromptError
    if len(prompt) > max_characters:
        raise PromptTooLongError(
            f"The prompt has {len(prompt)} characters; at most {max_characters} are allowed."
        )


def encode_prompt(prompt: str, tokenizer: Tokenizer, context_length: int) -> tuple[int, ...]:
    token_ids = tokenizer.encode(prompt)
    if len(token_ids) >= context_length:
        raise PromptTooLongError(
            f"The prompt has {len(token_ids)} tokens; at most {context_length - 1} "
            "are allowed, so that one more fits into the context window."
        )
    return token_ids
