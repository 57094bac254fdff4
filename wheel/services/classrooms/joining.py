"""Joining a class: a new wheel session with the classroom's model, prompt and settings."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, IntegrityError, transaction

from wheel import runtime
from wheel.domain.classroom_code import is_code, normalize_code
from wheel.domain.pseudonyms import new_pseudonym
from wheel.domain.wheel_session import WheelSession
from wheel.errors import (
    ClassroomNotFoundError,
    ModelUnavailableError,
    StoreUnavailableError,
    TokenWheelError,
    UnknownModelError,
)
from wheel.models import Classroom, Member
from wheel.services.prompts import start_text
from wheel.services.sessions import create_session, find_sessions
from wheel.sessions import class_versions


@dataclass(frozen=True)
class ClassroomSummary:
    """A class that can be joined. `model_id`: the server's default while the class has none yet."""

    classroom: Classroom
    model_id: str
    num_members: int


@dataclass(frozen=True)
class NewMember:
    """A member, with its classroom, and its session."""

    member: Member
    session: WheelSession


def find_classroom(code: str) -> Classroom:
    """The class with this code, if it can be joined; case, spaces and hyphens make no difference.
    Raises `ClassroomNotFoundError`, and `StoreUnavailableError` if the database does not answer."""
    code = normalize_code(code)
    if not is_code(code):  # it may hold what the database cannot compare, such as a null character
        raise ClassroomNotFoundError
    try:
        classroom = Classroom.objects.get(code=code)
    except Classroom.DoesNotExist:
        raise ClassroomNotFoundError from None
    except DatabaseError as error:
        raise StoreUnavailableError from error
    if not classroom.is_joinable:
        raise ClassroomNotFoundError
    return classroom


def find_members(classroom: Classroom, session_ids: Sequence[str]) -> list[Member]:
    """The members of the class with these sessions, in the given order, without those whose session
    has ended. Raises `StoreUnavailableError`."""
    alive = find_sessions(session_ids=session_ids)
    in_class = [stored.session for stored in alive if stored.session.classroom_id == classroom.pk]
    if not in_class:
        return []
    try:
        members = classroom.members.in_bulk(
            [session.session_id for session in in_class], field_name="session_id"
        )
    except DatabaseError as error:
        raise StoreUnavailableError from error
    by_id = {str(session_id): member for session_id, member in members.items()}
    return [by_id[session.session_id] for session in in_class if session.session_id in by_id]


def summarize_classroom(*, code: str) -> ClassroomSummary:
    """What a code leads to, without joining. Raises what `find_classroom` raises, and
    `ModelUnavailableError` if the class has no model yet and the server has none."""
    classroom = find_classroom(code)
    model_id = classroom.model_id or runtime.current().catalog.default_model_id()
    try:
        return ClassroomSummary(classroom, model_id, classroom.members.count())
    except DatabaseError as error:
        raise StoreUnavailableError from error


def join_classroom(*, code: str) -> NewMember:
    """Raises `ClassroomNotFoundError`, and what `add_member` raises."""
    return add_member(find_classroom(code))


def add_member(classroom: Classroom, *, is_virtual: bool = False) -> NewMember:
    """A new member, whose session has the class's prompt if there is one.

    Raises `ModelUnavailableError`, `TooManySessionsError`, `StoreUnavailableError`, and
    `PromptTooLongError` if the limits have changed since the class was made. If an error is raised,
    there is no new member.
    """
    try:
        fix_model(classroom)
        member = create_member(classroom, is_virtual=is_virtual)
    except DatabaseError as error:
        raise StoreUnavailableError from error
    try:
        session = start_member(member)
    except TokenWheelError:
        Member.objects.filter(pk=member.pk).delete()
        raise
    class_versions.note_change(classroom.pk)
    return NewMember(member, session)


def start_member(member: Member) -> WheelSession:
    classroom = member.classroom
    try:
        if classroom.prompt:
            return start_text(prompt=classroom.prompt, model_id=classroom.model_id, member=member)
        return create_session(classroom.model_id, member=member).session
    except UnknownModelError:
        raise ModelUnavailableError(f"This server no longer offers {classroom.model_id}.") from None


def fix_model(classroom: Classroom) -> None:
    """The class keeps the server's default of this moment, so that all members have one model."""
    if classroom.model_id:
        return
    model_id = runtime.current().catalog.default_model_id()
    Classroom.objects.filter(pk=classroom.pk, model_id="").update(model_id=model_id)
    classroom.refresh_from_db(fields=["model_id"])


def create_member(classroom: Classroom, *, is_virtual: bool) -> Member:
    """A member with a pseudonym that no other member of the class has."""
    while True:
        taken = set(classroom.members.values_list("pseudonym", flat=True))
        try:
            with transaction.atomic():
                return Member.objects.create(
                    classroom=classroom,
                    session_id=uuid.uuid4(),
                    pseudonym=new_pseudonym(taken),
                    is_virtual=is_virtual,
                )
        except IntegrityError:  # another member got it meanwhile, or the class was deleted
            if not Classroom.objects.filter(pk=classroom.pk).exists():
                raise ClassroomNotFoundError from None
