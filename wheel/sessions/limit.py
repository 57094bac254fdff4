"""The limit of live wheel sessions, kept by evicting idle ones, least recently used first.

Sessions are counted by their rows in the index. Those of a class count until it expires, and are
not evicted before. If the database does not answer, the limit is not enforced, so that sessions can
start while the index is unavailable.
"""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q

from wheel.errors import SessionNotFoundError, TooManySessionsError
from wheel.models import SessionIndexEntry
from wheel.sessions.outages import log_failure
from wheel.sessions.removal import remove_traces
from wheel.sessions.store import SessionStore

logger = logging.getLogger(__name__)

MIN_IDLE_TIME = timedelta(minutes=5)
MAX_CANDIDATES = 500
EVICTION_DIVISOR = 100  # a hundredth at a time, so that most starts need not evict


def make_room(store: SessionStore, max_sessions: int) -> None:
    """Evict idle sessions if `max_sessions` are alive; 0 means no limit.

    Raises `TooManySessionsError` if all of them are in use or belong to a class.
    """
    if max_sessions == 0:
        return
    now = store.now()
    try:
        if num_live(store, now) >= max_sessions:
            evict(store, now, max(1, max_sessions // EVICTION_DIVISOR))
    except DatabaseError as error:
        log_failure(logger, "live sessions could not be counted", error)


def num_live(store: SessionStore, now: datetime) -> int:
    """Sessions of a class live until it expires, however long they are idle."""
    return SessionIndexEntry.objects.filter(is_recent(store, now) | is_kept(now)).count()


def is_recent(store: SessionStore, now: datetime) -> Q:
    return Q(last_seen__gte=now - store.ttl)


def is_kept(now: datetime) -> Q:
    """The condition of a row whose session belongs to a class that has not expired."""
    return Q(member__classroom__expires_at__gt=now)


def evict(store: SessionStore, now: datetime, num_wanted: int) -> None:
    """Delete the least recently used sessions that are idle and of no class, up to `num_wanted`.
    Raises `TooManySessionsError` if there are none."""
    idle = SessionIndexEntry.objects.filter(
        is_recent(store, now), last_seen__lt=now - MIN_IDLE_TIME
    ).exclude(is_kept(now))
    num_evicted = 0
    for session_id in idle.order_by("last_seen").values_list("pk", flat=True)[:MAX_CANDIDATES]:
        num_evicted += evict_if_idle(store, str(session_id), now)
        if num_evicted == num_wanted:
            break
    if num_evicted == 0:
        raise TooManySessionsError
    logger.info("%d idle sessions were evicted", num_evicted)


def evict_if_idle(store: SessionStore, session_id: str, now: datetime) -> bool:
    """Delete a session unless it is in use; returns whether it was deleted. The store decides,
    since rows lag behind."""
    if delete_if_idle(store, session_id, now):
        remove_traces(store, [session_id])
        return True
    SessionIndexEntry.objects.filter(pk=session_id).update(last_seen=now)
    return False


def delete_if_idle(store: SessionStore, session_id: str, now: datetime) -> bool:
    """Returns False if the session is in use; one that no longer exists counts as deleted."""
    try:
        stored = store.read(session_id)
        if stored.session.last_accessed > now - MIN_IDLE_TIME:
            return False
        return store.delete(stored)  # False: written since it was read, so it is in use
    except SessionNotFoundError:
        return True
