"""Errors that users and clients may see.

Each has a sentence for people (`detail`) and a snake_case word for programs (`code`). The base
classes group them by cause. Their HTTP statuses are in `wheel.error_statuses`.

Details are English, as the API answers them. Pages have a sentence of their own for a code
(`wheel.pages.words.messages`), or translate a detail that is a `Sentence`.
"""

from collections.abc import Sequence

from wheel.sentences import Sentence

MAX_NAMED_CANDIDATES = 1000


class TokenWheelError(Exception):
    """Base class of all errors whose `detail` may be shown to users."""

    code = "error"
    default_detail: str = Sentence("Something went wrong.")

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or self.default_detail
        super().__init__(self.detail)


class InvalidInputError(TokenWheelError):
    """The request is wrong as it stands; repeating it cannot succeed."""

    code = "invalid"
    default_detail: str = Sentence("The request is not valid.")


class MissingError(TokenWheelError):
    """The requested object does not exist."""

    code = "not_found"
    default_detail: str = Sentence("There is nothing here.")


class ConflictError(TokenWheelError):
    """The request refers to a state that is no longer the current one."""

    code = "conflict"
    default_detail: str = Sentence("The state has changed meanwhile.")


class UnavailableError(TokenWheelError):
    """The request is valid, but cannot be answered now. Repeat it after `retry_after_s` seconds."""

    code = "unavailable"
    default_detail: str = Sentence("This cannot be answered at the moment.")
    retry_after_s = 1


class ThrottledError(TokenWheelError):
    """The client has reached a rate limit; it may try again after `retry_after_s` seconds."""

    code = "throttled"
    default_detail = Sentence("Too many requests. Please slow down.")

    def __init__(self, *, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__()


class TooManyCodesError(ThrottledError):
    """Wrong codes of classes are limited. A right code is answered all the same."""

    code = "too_many_codes"
    default_detail = Sentence(
        "Too many wrong class codes have come from your network. A right code still works; "
        "with a wrong one, wait a moment."
    )


class InvalidFieldsError(InvalidInputError):
    """Some fields have invalid values. `errors` holds a list of sentences for each field name."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        self.errors = errors
        super().__init__(" ".join(f"{name}: {text}" for name in errors for text in errors[name]))


class EmptyPromptError(InvalidInputError):
    code = "empty_prompt"
    default_detail = Sentence("Empty or invalid prompt")


class NoPromptError(InvalidInputError):
    code = "no_prompt"
    default_detail = Sentence("No prompt set yet")


class PromptTooLongError(InvalidInputError):
    code = "prompt_too_long"


class ContextFullError(InvalidInputError):
    code = "context_full"


class NoGuessesLeftError(InvalidInputError):
    code = "no_guesses_left"
    default_detail = "All guesses of this text have been made."


class InvalidTokenIdError(InvalidInputError):
    code = "invalid_token_id"


class NotOneTokenError(InvalidInputError):
    code = "not_one_token"


class AmbiguousTokenTextError(InvalidFieldsError):
    """Several tokens have the text. `errors` names their ids, at most `MAX_NAMED_CANDIDATES`."""

    code = "ambiguous_token_text"

    def __init__(self, text: str, token_ids: Sequence[int]) -> None:
        named = ", ".join(str(token_id) for token_id in token_ids[:MAX_NAMED_CANDIDATES])
        num_left_out = len(token_ids) - MAX_NAMED_CANDIDATES
        more = f", and {num_left_out} more" if num_left_out > 0 else ""
        counted = f"{len(token_ids)} tokens have the text {text!r}."
        super().__init__({"token_text": [counted, f"Their ids are {named}{more}."]})
        self.detail = f"{counted} Give the token_id of one of them."


class TokenMismatchError(InvalidInputError):
    code = "token_mismatch"


class NothingToUndoError(InvalidInputError):
    code = "nothing_to_undo"
    default_detail = Sentence("Nothing to undo: only the prompt is left")


class NothingToRedoError(InvalidInputError):
    code = "nothing_to_redo"
    default_detail = Sentence(
        "Nothing to redo: the text has gone another way since, or is complete"
    )


class NoOtherTokensError(InvalidInputError):
    code = "no_other_tokens"
    default_detail = Sentence(
        'There is no token to draw from "Other": it has no share of this wheel'
    )


class IdempotencyKeyReusedError(InvalidInputError):
    code = "idempotency_key_reused"
    default_detail = Sentence(
        "This Idempotency-Key belongs to another request of this session. Nothing was changed; "
        "send a new key with a new request."
    )


class UnknownModelError(InvalidInputError):
    code = "unknown_model"


class SessionNotFoundError(MissingError):
    code = "session_not_found"
    default_detail = Sentence("Session does not exist")


class BranchNotFoundError(MissingError):
    """The session exists; it has no branch with this number (any more)."""

    code = "branch_not_found"

    def __init__(self, number: int) -> None:
        super().__init__(f"This story has no branch {number}. Nothing was changed.")


class SettingLockedError(InvalidFieldsError):
    """A value that the teacher has fixed for the class. `errors` names the fields."""

    code = "setting_locked"


class ClassroomNotFoundError(MissingError):
    """One error for unknown and for closed classes, so that guessing does not reveal codes."""

    code = "classroom_not_found"
    default_detail = Sentence("There is no open class with this code.")


class StaleRevisionError(ConflictError):
    """Carries the session's id, so that the handler can add the current state to the response."""

    code = "stale_revision"

    def __init__(self, session_id: str, *, rev: int, current_rev: int) -> None:
        self.session_id = session_id
        super().__init__(
            f"The session has moved on: it is at revision {current_rev}, not {rev}. "
            "Nothing was changed."
        )


class ClassroomFrozenError(ConflictError):
    code = "classroom_frozen"
    default_detail = Sentence("Your teacher has paused the class. Nothing was changed.")


class ClassroomClosedError(ConflictError):
    code = "classroom_closed"
    default_detail = Sentence(
        "This class is over. You can still look at your text. Nothing was changed."
    )


class StaleRoundError(ConflictError):
    """A request to make everyone spin once that was sent from an outdated page."""

    code = "stale_round"
    default_detail = Sentence("Everyone has spun meanwhile. Nothing was changed.")


class ModelUnavailableError(UnavailableError):
    code = "model_unavailable"
    retry_after_s = 5


class EngineBusyError(UnavailableError):
    code = "engine_busy"
    default_detail = Sentence(
        "The model is busy with other requests. Please try again in a moment."
    )
    retry_after_s = 2


class EngineFailedError(UnavailableError):
    """A forward pass raised. The engine keeps running, so clients may repeat the request."""

    code = "engine_busy"
    default_detail = Sentence("The model could not answer this time. Please try again.")


class StoreUnavailableError(UnavailableError):
    code = "store_unavailable"
    default_detail = Sentence(
        "The place where sessions are kept does not answer. Please try again."
    )
    retry_after_s = 2


class TooManySessionsError(UnavailableError):
    code = "too_many_sessions"
    default_detail = Sentence("All places are taken: too many wheels are in use at this moment.")
    retry_after_s = 60


class OverloadedError(UnavailableError):
    """The process has no file descriptor left."""

    code = "overloaded"
    default_detail = Sentence(
        "The server has more open files and connections than it may have. "
        "Please try again in a moment."
    )
    retry_after_s = 2
