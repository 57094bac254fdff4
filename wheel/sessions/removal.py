"""Removal of what a session leaves behind when it ends: its member, the held copies of its story,
and its index row."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet

from wheel.models import Classroom, HeldStory, Member, SessionIndexEntry
from wheel.sessions import class_versions
from wheel.sessions.store import SessionStore


def remove_traces(store: SessionStore, session_ids: Collection[str]) -> int:
    """Of sessions that no longer exist. Returns the number of index rows removed.

    Raises `DatabaseError` and `StoreUnavailableError`, with all rows unchanged.
    """
    members = Member.objects.filter(session_id__in=session_ids)
    class_ids = set(members.values_list("classroom_id", flat=True))
    with lock_classes(class_ids):
        delete_held(store, HeldStory.objects.filter(member__in=members))
        num_removed = SessionIndexEntry.objects.filter(pk__in=session_ids).delete()[0]
        members.delete()
    for class_id in class_ids:
        class_versions.note_change(class_id)
    return num_removed


def delete_held(store: SessionStore, held: QuerySet[HeldStory]) -> None:
    """Delete held stories, and their texts from the store. The caller has locked their classes.
    Raises `StoreUnavailableError`."""
    session_ids = [str(session_id) for session_id in held.values_list("session_id", flat=True)]
    if session_ids:
        store.delete_many(session_ids)
        held.delete()


@contextmanager
def lock_classes(class_ids: Collection[int]) -> Iterator[list[Classroom]]:
    """A transaction that excludes others which lock one of these classes; it is given those that
    exist, as they are now. SQLite needs no lock for that: its transactions begin IMMEDIATE."""
    rows = Classroom.objects.select_for_update().filter(pk__in=class_ids).order_by("pk")
    with transaction.atomic():
        yield list(rows) if class_ids else []
