"""Joining a class: a new wheel session with the classroom's model and prompt."""

from django.db import DatabaseError

from wheel.domain.classroom_code import normalize_code
from wheel.domain.wheel_session import WheelSession
from wheel.errors import (
    ClassroomNotFoundError,
    ModelUnavailableError,
    StoreUnavailableError,
    UnknownModelError,
)
from wheel.models import Classroom
from wheel.services.prompts import start_text
from wheel.services.sessions import start_session


def find_classroom(code: str) -> Classroom:
    """The open class with this code; case, spaces and hyphens make no difference. Raises
    `ClassroomNotFoundError`, and `StoreUnavailableError` if the database does not answer."""
    try:
        return Classroom.objects.get(code=normalize_code(code), is_open=True)
    except Classroom.DoesNotExist:
        raise ClassroomNotFoundError from None
    except DatabaseError as error:
        raise StoreUnavailableError from error


def join_classroom(*, code: str) -> WheelSession:
    """A new session with the class's model, and with its prompt if it has one.

    Raises `ClassroomNotFoundError`, `ModelUnavailableError`, and `PromptTooLongError` if the limits
    have changed since the class was made. If an error is raised, no session is left behind.
    """
    classroom = find_classroom(code)
    model_id = classroom.model_id or None
    try:
        if not classroom.prompt:
            return start_session(model_id=model_id, classroom_id=classroom.pk)
        return start_text(prompt=classroom.prompt, model_id=model_id, classroom_id=classroom.pk)
    except UnknownModelError:
        raise ModelUnavailableError(f"This server no longer offers {model_id}.") from None
