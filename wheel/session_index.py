"""The rows that let the admin list wheel sessions, kept in step with the session store.

The store is the truth. A row may lag behind it, and a failure to write one never fails a spin.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError

from wheel.domain.wheel_session import WheelSession
from wheel.errors import StoreUnavailableError
from wheel.models import Classroom, SessionIndexEntry
from wheel.store import SessionStore, utc_now

logger = logging.getLogger(__name__)

REFRESH_INTERVAL = timedelta(seconds=30)
PRUNE_INTERVAL = timedelta(minutes=10)
CHUNK_SIZE = 500

_next_prune = datetime.min.replace(tzinfo=UTC)


def is_due(session: WheelSession, now: datetime) -> bool:
    """Whether the session's row is missing or older than half a minute."""
    return session.indexed_at is None or now - session.indexed_at >= REFRESH_INTERVAL


def write_entry(session: WheelSession) -> None:
    try:
        SessionIndexEntry.objects.update_or_create(
            session_id=session.session_id,
            defaults={
                "model_id": session.model_id,
                "classroom": classroom_of(session),
                "created_at": session.created_at,
                "last_seen": session.last_accessed,
                "num_tokens": session.num_tokens,
            },
        )
    except DatabaseError:
        logger.warning("the index row of a session could not be written", exc_info=True)


def classroom_of(session: WheelSession) -> Classroom | None:
    """None also where the class has been deleted since."""
    if session.classroom_id is None:
        return None
    return Classroom.objects.filter(pk=session.classroom_id).first()


def remove_entry(session_id: str) -> None:
    try:
        SessionIndexEntry.objects.filter(session_id=session_id).delete()
    except DatabaseError:
        logger.warning("the index row of a session could not be removed", exc_info=True)


def prune_now_and_then(store: SessionStore) -> None:
    """Drop rows of sessions that have ended, at most every ten minutes a process."""
    global _next_prune  # noqa: PLW0603 - a clock, one a process
    now = utc_now()
    if now >= _next_prune:
        _next_prune = now + PRUNE_INTERVAL
        try:
            sync(store, not_seen_since=now - store.ttl)
        except (DatabaseError, StoreUnavailableError):
            logger.warning("the index of sessions could not be pruned", exc_info=True)


def sync(store: SessionStore, *, not_seen_since: datetime | None = None) -> int:
    """Bring rows up to date and drop those whose session is gone; returns how many were dropped.

    With `not_seen_since`, only rows that old are looked at.
    """
    rows = SessionIndexEntry.objects.order_by("last_seen")
    if not_seen_since is not None:
        rows = rows.filter(last_seen__lt=not_seen_since)
    session_ids = [str(session_id) for session_id in rows.values_list("pk", flat=True)]
    return sum(
        _sync_chunk(store, session_ids[start : start + CHUNK_SIZE])
        for start in range(0, len(session_ids), CHUNK_SIZE)
    )


def _sync_chunk(store: SessionStore, session_ids: list[str]) -> int:
    alive = store.load_many(session_ids)
    entries = SessionIndexEntry.objects.filter(pk__in=list(alive))
    for entry in entries:
        session = alive[str(entry.pk)]
        entry.last_seen, entry.num_tokens = session.last_accessed, session.num_tokens
    SessionIndexEntry.objects.bulk_update(entries, ["last_seen", "num_tokens"])
    gone = SessionIndexEntry.objects.filter(pk__in=set(session_ids) - set(alive))
    return gone.delete()[0]
