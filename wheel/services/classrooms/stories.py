"""The stories of a class: the sessions of its members, read from the store at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from wheel import runtime
from wheel.models import Classroom, HeldStory, Member
from wheel.services.database import database_errors_translated
from wheel.services.states import SessionState, describe

Row = TypeVar("Row", Member, HeldStory)


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
    with database_errors_translated():
        members = list(classroom.members.order_by("pk"))
    return [Story(member, state) for member, state in with_states(members)]


def load_held_stories(classroom: Classroom) -> list[HeldCopy]:
    """The snapshot, with its members, in the order in which the stories were held. Raises as
    `load_stories` does."""
    with database_errors_translated():
        rows = list(classroom.held_stories.select_related("member").order_by("pk"))
    return [HeldCopy(held, state) for held, state in with_states(rows)] if rows else []


def with_states(rows: Sequence[Row]) -> Iterator[tuple[Row, SessionState]]:
    """The rows whose session is alive, with its state; one read of the store for all."""
    alive = runtime.current().store.load_many(str(row.session_id) for row in rows)
    for row in rows:
        if stored := alive.get(str(row.session_id)):
            yield row, describe(stored)
