"""Prompts: setting the text that a wheel session begins with, and checking it."""

from wheel import runtime
from wheel.domain.wheel_session import WheelSession
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import EmptyPromptError, PromptTooLongError, TokenWheelError
from wheel.language_models.tokenizer import Tokenizer
from wheel.models import Member
from wheel.sentences import Sentence
from wheel.services.changes import change
from wheel.services.guards import Guard, allow_any_change, require_changeable_prompt
from wheel.services.sessions import create_session, delete_session, get_session
from wheel.services.states import SessionState, WheelView
from wheel.services.wheels import prefetch_wheel, wheel_after
from wheel.sessions.store import StoredSession


def start_text(
    *, prompt: str, model_id: str | None = None, member: Member | None = None
) -> WheelSession:
    """A new session with this prompt. Raises what `start_session` and `set_prompt` raise; if the
    prompt is refused, no session is left behind."""
    stored = create_session(model_id, member=member)
    try:
        require_characters(prompt)
        return write_prompt(stored, prompt, None, allow_any_change).session
    except TokenWheelError:
        delete_session(session_id=stored.session.session_id)
        raise


def set_prompt(*, session_id: str, prompt: str, rev: int | None = None) -> SessionState:
    """Start the text over. Raises `EmptyPromptError` or `PromptTooLongError`, and
    `SettingLockedError` if the class locks the prompt."""
    require_characters(prompt)
    stored = get_session(session_id=session_id).stored
    return write_prompt(stored, prompt, rev, require_changeable_prompt)


def check_prompt(*, prompt: str, model_id: str | None = None) -> None:
    """Raises `EmptyPromptError` or `PromptTooLongError` if no session of the model could begin with
    this prompt, and `ModelUnavailableError` if the model's tokenizer is not available."""
    checked_token_ids(prompt, model_id)


def check_settings(*, settings: WheelSettings, model_id: str | None = None) -> None:
    """Raises `InvalidFieldsError` if the model's vocabulary is too small for the settings, and
    `ModelUnavailableError` if its tokenizer is not available."""
    catalog = runtime.current().catalog
    tokenizer = catalog.tokenizer(model_id or catalog.default_model_id())
    settings.check_vocabulary(tokenizer.vocabulary_size)


def preview_wheel(*, prompt: str, model_id: str | None, settings: WheelSettings) -> WheelView:
    """The first wheel of a session with this prompt; no session is started. Raises what
    `check_prompt` and `wheel_after` raise."""
    token_ids = checked_token_ids(prompt, model_id)
    model_id = model_id or runtime.current().catalog.default_model_id()
    return wheel_after(model_id=model_id, token_ids=token_ids, settings=settings)


def checked_token_ids(prompt: str, model_id: str | None) -> tuple[int, ...]:
    """The token ids of a prompt with which a session of the model could begin. Raises what
    `check_prompt` raises."""
    require_characters(prompt)
    catalog = runtime.current().catalog
    model_id = model_id or catalog.default_model_id()
    return encode_prompt(prompt, catalog.tokenizer(model_id), catalog.context_length(model_id))


def write_prompt(stored: StoredSession, prompt: str, rev: int | None, guard: Guard) -> SessionState:
    def with_prompt(state: SessionState) -> tuple[WheelSession, None]:
        token_ids = encode_prompt(prompt, state.tokenizer, state.context_length)
        return state.session.with_prompt(token_ids), None

    after = change(stored, rev, with_prompt, guard).after
    prefetch_wheel(after)
    return after


def require_characters(prompt: str) -> None:
    max_characters = runtime.current().max_prompt_characters
    if not prompt.strip():
        raise EmptyPromptError
    if len(prompt) > max_characters:
        raise PromptTooLongError(
            Sentence(
                "The prompt has %(number)s characters; at most %(maximum)s are allowed.",
                number=len(prompt),
                maximum=max_characters,
            )
        )


def encode_prompt(prompt: str, tokenizer: Tokenizer, context_length: int) -> tuple[int, ...]:
    """The prompt's token ids, which leave room for one more token in the context window."""
    token_ids = tokenizer.encode(prompt)
    if len(token_ids) >= context_length:
        raise PromptTooLongError(
            Sentence(
                "The prompt has %(number)s tokens; at most %(maximum)s are allowed, so that one "
                "more fits into the context window.",
                number=len(token_ids),
                maximum=context_length - 1,
            )
        )
    return token_ids
