"""The stories of a class: the sessions of its members, read from the store at once."""

from dataclasses import dataclass

from django.db import DatabaseError

from wheel import runtime
from wheel.errors import StoreUnavailableError
from wheel.models import Classroom, HeldStory, Member
from wheel.services.states import SessionState, describe


@dataclass(frozen=True)
class Story:
    """A member and its session."""

    member: Member
    state: SessionState


@dataclass(frozen=True)
class HeldCopy:
    """A story as it was when the teacher held it."""

    held: HeldStory
    state: SessionState


def load_stories(classroom: Classroom) -> list[Story]:
    """In the order in which the members joined, without those whose session has ended. It takes one
    query and one read of the store, and does not count as a use of the sessions. Raises
    `StoreUnavailableError` and `ModelUnavailableError`."""
    try:
        members = list(classroom.members.order_by("pk"))
    except DatabaseError as error:
        raise StoreUnavailableError from error
    alive = runtime.current().store.load_many(str(member.session_id) for member in members)
    return [
        Story(member, describe(alive[str(member.session_id)]))
        for member in members
        if str(member.session_id) in alive
    ]


def load_held_stories(classroom: Classroom) -> list[HeldCopy]:
    """The snapshot, with its members, in the order in which the stories were held. Raises as
    `load_stories` does."""
    try:
        rows = list(classroom.held_stories.select_related("member").order_by("pk"))
    except DatabaseError as error:
        raise StoreUnavailableError from error
    if not rows:
        return []
    alive = runtime.current().store.load_many(str(held.session_id) for held in rows)
    return [
        HeldCopy(held, describe(alive[str(held.session_id)]))
        for held in rows
        if str(held.session_id) in alive
    ]
