"""Deletion of a class: its members, their sessions and index rows, and its held stories."""

import logging
from collections.abc import Iterable
from datetime import datetime

from wheel.models import Classroom, SessionIndexEntry
from wheel.sessions.store import SessionStore

logger = logging.getLogger(__name__)


def delete_classroom(store: SessionStore, classroom: Classroom) -> None:
    """The texts are deleted first: if the store does not answer, nothing is deleted, and
    `StoreUnavailableError` is raised."""
    member_ids = list(classroom.members.values_list("session_id", flat=True))
    held_ids = list(classroom.held_stories.values_list("session_id", flat=True))
    store.delete_many(map(str, [*member_ids, *held_ids]))
    SessionIndexEntry.objects.filter(pk__in=member_ids).delete()
    classroom.delete()


def delete_expired(store: SessionStore, now: datetime) -> int:
    """Delete the classes whose time is over; returns their number."""
    expired: Iterable[Classroom] = Classroom.objects.filter(expires_at__lte=now)
    num_deleted = 0
    for classroom in expired:
        delete_classroom(store, classroom)
        num_deleted += 1
    if num_deleted:
        logger.info("%d classes have expired and were deleted", num_deleted)
    return num_deleted
