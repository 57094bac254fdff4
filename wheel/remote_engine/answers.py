"""HTTP statuses and checks of questions, for all services of the protocol."""

from http import HTTPStatus

from wheel.errors import (
    ContextFullError,
    EngineBusyError,
    EngineFailedError,
    ModelUnavailableError,
    TokenWheelError,
)
from wheel.remote_engine.protocol import ModelReport, ProtocolError, Question
from wheel.sentences import Sentence

BYTES, JSON = "application/octet-stream", "application/json"
STATUSES: dict[type[TokenWheelError], HTTPStatus] = {  # of the errors in `protocol.ERRORS`
    ContextFullError: HTTPStatus.BAD_REQUEST,
    EngineBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    EngineFailedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    ModelUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: TokenWheelError) -> HTTPStatus:
    return STATUSES.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)


def checked_question(message: bytes, report: ModelReport) -> Question:
    """Raises `ProtocolError`, also for a question to another model, and `ModelUnavailableError` for
    token ids of another vocabulary."""
    question = Question.decode(message)
    if question.model_id != report.model_id:
        raise ProtocolError("a question to another model")
    if question.vocabulary != report.vocabulary:
        raise ModelUnavailableError(
            Sentence("The engine service has another vocabulary of this model.")
        )
    return question


def require_text_to_score(question: Question) -> None:
    """Raises `ProtocolError` unless there is a token that can have a score."""
    if len(question.token_ids) < 2:
        raise ProtocolError("a text of one token has no scores")
