"""Index rows in the database, from which the admin lists wheel sessions.

The session store is authoritative. A row may lag behind it, and a failure to write a row is logged
and never fails the request.
"""

import logging
import threading
from datetime import datetime, timedelta

from django.db import DatabaseError, connections

from wheel.domain.wheel_session import WheelSession
from wheel.errors import StoreUnavailableError
from wheel.models import Member, SessionIndexEntry
from wheel.sessions import class_deletion
from wheel.sessions.outages import log_failure
from wheel.sessions.removal import remove_traces
from wheel.sessions.store import SessionStore

logger = logging.getLogger(__name__)

REFRESH_INTERVAL = timedelta(seconds=30)
FIRST_PRUNE_S = 10  # delay the first pruning until start-up is over
PRUNE_INTERVAL_S = 600
CHUNK_SIZE = 500


def is_due(session: WheelSession, now: datetime) -> bool:
    """Whether the session's row is missing or at least `REFRESH_INTERVAL` old."""
    return session.indexed_at is None or now - session.indexed_at >= REFRESH_INTERVAL


def write_entry(session: WheelSession) -> None:
    try:
        SessionIndexEntry.objects.update_or_create(
            session_id=session.session_id,
            defaults={
                "model_id": session.model_id,
                "member": member_of(session),
                "created_at": session.created_at,
                "last_seen": session.last_accessed,
                "num_tokens": session.num_tokens,
            },
        )
    except DatabaseError as error:
        log_failure(logger, "the index row of a session could not be written", error)


def member_of(session: WheelSession) -> Member | None:
    """None for a session without a class, and if the class has been deleted."""
    if session.classroom_id is None:
        return None
    return Member.objects.filter(session_id=session.session_id).first()


def remove_entry(store: SessionStore, session_id: str) -> None:
    """A session that no longer exists is no longer a member of its class."""
    try:
        remove_traces(store, [session_id])
    except (DatabaseError, StoreUnavailableError) as error:
        log_failure(logger, "the index row of a session could not be removed", error)


class Pruner:
    """Prunes in a separate thread, so that the texts of ended sessions are deleted from the disk
    even if no further request arrives."""

    def __init__(
        self,
        store: SessionStore,
        *,
        first_after_s: float = FIRST_PRUNE_S,
        interval_s: float = PRUNE_INTERVAL_S,
    ) -> None:
        self._store = store
        self._first_after_s = first_after_s
        self._interval_s = interval_s
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prune", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Wake the thread and wait for its end. A pruning under way is finished first."""
        self._is_stopped.set()
        self._thread.join()

    def _run(self) -> None:
        wait_s = self._first_after_s
        while not self._is_stopped.wait(wait_s):
            prune(self._store)
            connections.close_all()
            wait_s = self._interval_s


def prune(store: SessionStore) -> None:
    """Delete expired classes, and the documents and index rows of expired sessions; a failure is
    logged."""
    try:
        class_deletion.delete_expired(store, store.now())
        store.purge()
        sync(store, not_seen_since=store.now() - store.ttl)
    except (DatabaseError, StoreUnavailableError) as error:
        log_failure(logger, "sessions that have ended could not be pruned", error)


def sync(store: SessionStore, *, not_seen_since: datetime | None = None) -> int:
    """Bring rows up to date and drop those whose session no longer exists; returns the number of
    rows dropped. With `not_seen_since`, only rows last seen before it are checked."""
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
        session = alive[str(entry.pk)].session
        entry.last_seen, entry.num_tokens = session.last_accessed, session.num_tokens
    SessionIndexEntry.objects.bulk_update(entries, ["last_seen", "num_tokens"])
    return remove_traces(store, set(session_ids) - set(alive))
