"""Deletion of a class: its members, their sessions and index rows, and its held stories."""

import logging
from collections.abc import Iterable
from datetime import datetime

from wheel.models import Classroom, HeldStory, Member, SessionIndexEntry
from wheel.sessions.removal import lock_classes
from wheel.sessions.store import SessionStore

logger = logging.getLogger(__name__)


def delete_classrooms(store: SessionStore, classrooms: Iterable[Classroom]) -> None:
    """The texts are deleted first, those of all classes at once: if the store does not answer,
    nothing is deleted, and `StoreUnavailableError` is raised."""
    class_ids = [classroom.pk for classroom in classrooms]
    with lock_classes(class_ids):  # no member joins and no story is held meanwhile
        member_ids, held_ids = (
            list(model.objects.filter(classroom__in=class_ids).values_list("session_id", flat=True))
            for model in (Member, HeldStory)
        )
        store.delete_many(map(str, [*member_ids, *held_ids]))
        SessionIndexEntry.objects.filter(pk__in=member_ids).delete()
        Classroom.objects.filter(pk__in=class_ids).delete()


def delete_expired(store: SessionStore, now: datetime) -> int:
    """Delete the classes whose time is over; returns their number."""
    expired = list(Classroom.objects.filter(expires_at__lte=now))
    if expired:
        delete_classrooms(store, expired)
        logger.info("%d classes have expired and were deleted", len(expired))
    return len(expired)
