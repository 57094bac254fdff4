"""Joining a class: the code on the board becomes a wheel session of one's own."""

from django.db import DatabaseError

from wheel import services
from wheel.domain.classroom_code import normalize_code
from wheel.domain.wheel_session import WheelSession
from wheel.errors import (
    ClassroomNotFoundError,
    ModelUnavailableError,
    StoreUnavailableError,
    UnknownModelError,
)
from wheel.models import Classroom


def find_classroom(code: str) -> Classroom:
    """The open class with this code, however it was typed. Raises `ClassroomNotFoundError`, and
    `StoreUnavailableError` where nobody can tell."""
    try:
        return Classroom.objects.get(code=normalize_code(code), is_open=True)
    except Classroom.DoesNotExist:
        raise ClassroomNotFoundError from None
    except DatabaseError as error:
        raise StoreUnavailableError from error


def join_classroom(*, code: str) -> WheelSession:
    """A new session with the class's model, and with its prompt where it has one.

    Raises `ClassroomNotFoundError`, `ModelUnavailableError`, and `PromptTooLongError` where the
    limits have changed since the class was made. Whatever is raised, no session stays.
    """
    classroom = find_classroom(code)
    model_id = classroom.model_id or None
    try:
        if not classroom.prompt:
            return services.start_session(model_id=model_id, classroom_id=classroom.pk)
        return services.start_text(
            prompt=classroom.prompt, model_id=model_id, classroom_id=classroom.pk
        )
    except UnknownModelError:
        raise ModelUnavailableError(f"This server no longer offers {model_id}.") from None
