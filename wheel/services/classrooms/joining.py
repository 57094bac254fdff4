"""Joining a class: a new wheel session with the classroom's model, prompt and settings."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from wheel import runtime
from wheel.domain.classroom_code import is_code, normalize_code
from wheel.domain.pseudonyms import new_pseudonym
from wheel.domain.wheel_session import WheelSession
from wheel.errors import (
    ClassroomNotFoundError,
    SessionNotFoundError,
    TokenWheelError,
    UnknownModelError,
)
from wheel.models import Classroom, Half, Member
from wheel.services.changes import change
from wheel.services.database import database_errors_translated
from wheel.services.guards import allow_any_change
from wheel.services.prompts import encode_prompt, start_text
from wheel.services.sessions import (
    create_session,
    discard_session,
    find_sessions,
    in_class,
    inspect_session,
)
from wheel.services.states import SessionState, no_longer_offered
from wheel.services.wheels import prefetch_wheel
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
    with database_errors_translated():
        classroom = Classroom.objects.filter(code=code).first()
    if classroom is None or classroom.is_over:
        raise ClassroomNotFoundError
    return classroom


def find_members(classroom: Classroom, session_ids: Sequence[str]) -> list[Member]:
    """The members of the class with these sessions, in the given order, without those whose session
    has ended. Raises `StoreUnavailableError`."""
    alive = find_sessions(session_ids=session_ids)
    in_class = [stored.session for stored in alive if stored.session.classroom_id == classroom.pk]
    if not in_class:
        return []
    with database_errors_translated():
        members = classroom.members.in_bulk(
            [session.session_id for session in in_class], field_name="session_id"
        )
    by_id = {str(session_id): member for session_id, member in members.items()}
    return [by_id[session.session_id] for session in in_class if session.session_id in by_id]


def summarize_classroom(*, code: str) -> ClassroomSummary:
    """What a code leads to, without joining. Raises what `find_classroom` raises, and
    `ModelUnavailableError` if the class has no model yet and the server has none."""
    classroom = find_classroom(code)
    model_id = classroom.model_id or runtime.current().catalog.default_model_id()
    with database_errors_translated():
        return ClassroomSummary(classroom, model_id, classroom.members.count())


def join_classroom(*, code: str) -> NewMember:
    """Raises `ClassroomNotFoundError`, and what `add_member` raises."""
    return add_member(find_classroom(code))


def add_member(classroom: Classroom, *, is_virtual: bool = False) -> NewMember:
    """A new member, whose session has the class's prompt if there is one.

    Raises `ModelUnavailableError`, `TooManySessionsError`, `StoreUnavailableError`, and
    `PromptTooLongError` if the limits have changed since the class was made, and
    `ClassroomNotFoundError` if the class was deleted meanwhile. If an error is raised, there is no
    new member.
    """
    with database_errors_translated():
        fix_model(classroom)
        member = create_member(classroom, is_virtual=is_virtual)
    session_id = str(member.session_id)
    try:
        start_member(member)
        session = catch_up(session_id=session_id)
    except TokenWheelError as error:
        discard_session(session_id=session_id)
        if isinstance(error, SessionNotFoundError):  # it was deleted with its class
            raise ClassroomNotFoundError from None
        raise
    class_versions.note_change(classroom.pk)
    return NewMember(member, session)


def start_member(member: Member) -> WheelSession:
    classroom = member.classroom
    try:
        if member.prompt:
            return start_text(prompt=member.prompt, model_id=classroom.model_id, member=member)
        return create_session(classroom.model_id, member=member).session
    except UnknownModelError:
        raise no_longer_offered(classroom.model_id) from None


def catch_up(*, session_id: str) -> WheelSession:
    """The session of a new member, with what the teacher has changed since the classroom was read.

    The session and its member exist before the class is read again, so that a later change of the
    teacher finds them. Raises `ClassroomNotFoundError` and `SessionNotFoundError` if the class was
    deleted.
    """
    state = inspect_session(session_id=session_id)
    if as_class_begins(state) == state.session:
        return state.session
    after = change(
        state.stored, None, lambda state: (as_class_begins(state), None), allow_any_change
    ).after
    prefetch_wheel(after)
    return after.session


def as_class_begins(state: SessionState) -> WheelSession:
    """The session with the settings and the expiry of its class as it is now, and at its prompt. A
    session that has this prompt keeps its text."""
    if state.member is None:
        raise ClassroomNotFoundError
    classroom = state.member.classroom
    session = in_class(state.session, classroom)
    token_ids = prompt_token_ids(state.member.prompt, state)
    return session if session.prompt_token_ids == token_ids else session.with_prompt(token_ids)


def prompt_token_ids(prompt: str, state: SessionState) -> tuple[int, ...]:
    """None for an empty prompt: the members write their own."""
    return encode_prompt(prompt, state.tokenizer, state.context_length) if prompt else ()


def fix_model(classroom: Classroom) -> None:
    """The class keeps the server's default of this moment, so that all members have one model.
    Raises `ClassroomNotFoundError` if the class was deleted meanwhile."""
    if classroom.model_id:
        return
    model_id = runtime.current().catalog.default_model_id()
    Classroom.objects.filter(pk=classroom.pk, model_id="").update(model_id=model_id)
    try:
        classroom.refresh_from_db(fields=["model_id"])
    except Classroom.DoesNotExist:
        raise ClassroomNotFoundError from None


def create_member(classroom: Classroom, *, is_virtual: bool) -> Member:
    """A member with a pseudonym that no other member of the class has, in the smaller half of the
    class."""
    while True:
        others = dict(classroom.members.values_list("pseudonym", "half"))
        try:
            with transaction.atomic():
                return Member.objects.create(
                    classroom=classroom,
                    session_id=uuid.uuid4(),
                    pseudonym=new_pseudonym(set(others)),
                    is_virtual=is_virtual,
                    half=smaller_half(others.values()),
                )
        except IntegrityError:  # another member got it meanwhile, or the class was deleted
            if not Classroom.objects.filter(pk=classroom.pk).exists():
                raise ClassroomNotFoundError from None


def smaller_half(halves: Collection[int]) -> Half:
    """The half for one more member; the first one if both are equal. halves: of the members."""
    num_first = sum(half == Half.FIRST for half in halves)
    return Half.SECOND if num_first > len(halves) - num_first else Half.FIRST
