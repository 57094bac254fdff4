"""How many wheel sessions live at once. At the cap, those that have idled longest make room; one
that was used in the last minutes never does.

Sessions are counted by their rows in the index. A database that does not answer counts none: it
never keeps anybody from starting.
"""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError

from wheel.clock import utc_now
from wheel.domain.wheel_session import WheelSession
from wheel.errors import SessionNotFoundError, TooManySessionsError
from wheel.models import SessionIndexEntry
from wheel.sessions.store import SessionStore

logger = logging.getLogger(__name__)

IN_USE_FOR = timedelta(minutes=5)
MAX_LOOKED_AT = 500
SHARE_EVICTED = 100  # a hundredth at once, so that not every start has to look


class InUseError(Exception):
    """Somebody has used the session just now."""


def make_room(store: SessionStore, max_sessions: int) -> None:
    """Raises `TooManySessionsError` where all places are taken by sessions in use. 0 is no cap."""
    if max_sessions == 0:
        return
    now = utc_now()
    try:
        if num_live(store, now) >= max_sessions:
            evict(store, now, max(1, max_sessions // SHARE_EVICTED))
    except DatabaseError:
        logger.warning("live sessions could not be counted", exc_info=True)


def num_live(store: SessionStore, now: datetime) -> int:
    return SessionIndexEntry.objects.filter(last_seen__gte=now - store.ttl).count()


def evict(store: SessionStore, now: datetime, num_wanted: int) -> None:
    idle = SessionIndexEntry.objects.filter(
        last_seen__gte=now - store.ttl, last_seen__lt=now - IN_USE_FOR
    )
    num_evicted = 0
    for session_id in idle.order_by("last_seen").values_list("pk", flat=True)[:MAX_LOOKED_AT]:
        num_evicted += is_evicted(store, str(session_id), now)
        if num_evicted == num_wanted:
            break
    if num_evicted == 0:
        raise TooManySessionsError
    logger.info("%d idle sessions made room for new ones", num_evicted)


def is_evicted(store: SessionStore, session_id: str, now: datetime) -> bool:
    """The row may lag behind, so the session itself is asked, in the moment that it is deleted."""

    def require_idle(session: WheelSession) -> None:
        if session.last_accessed > now - IN_USE_FOR:
            raise InUseError

    row = SessionIndexEntry.objects.filter(pk=session_id)
    try:
        store.delete(session_id, check=require_idle)
    except InUseError:
        row.update(last_seen=now)
        return False
    except SessionNotFoundError:
        pass
    row.delete()
    return True
