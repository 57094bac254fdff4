"""Where wheel sessions live: JSON documents in Django's cache, and nothing else touches that cache.

Writes are compare-and-set. A change is computed on a session that was read, and stored only if the
document still has the version that was read; a lock held for the length of one read and one write
makes that true on every backend. In the embedded SQLite file that lock is a transaction, which
ends with its owner; anywhere else it is a key of its own, which ends by itself.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router, transaction
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from wheel.domain.wheel_session import WheelSession
from wheel.errors import SessionNotFoundError, StoreUnavailableError
from wheel.session_document import OtherSchemaError, session_from_json, session_to_json

LOCK_LIFETIME_S = 4  # shorter than anybody waits for it, so a lock left behind fails nobody
LOCK_RETRY_S = 0.002
MAX_SLIDE_INTERVAL = timedelta(seconds=60)


def utc_now() -> datetime:
    return datetime.now(UTC)


class SessionStore:
    """ttl is how long a session lives after its last use.

    Every method raises `StoreUnavailableError` where the backend does not answer.
    """

    def __init__(
        self,
        cache: BaseCache,
        *,
        ttl: timedelta,
        lock_timeout_s: float = 5.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._cache = cache
        self.ttl = ttl
        self._slide_interval = min(MAX_SLIDE_INTERVAL, ttl / 60)
        self._lock_timeout_s = lock_timeout_s
        self._now = now

    def create(self, session: WheelSession) -> None:
        with told_as_unavailable():
            self._write(session)

    def load(self, session_id: str) -> WheelSession:
        """The session as of now. Being looked at is a use, so its end moves away, written at most
        once a minute. Raises `SessionNotFoundError` for an unknown, deleted or expired one.
        """
        with told_as_unavailable():
            session = self._read(session_id)
            if self._now() - session.last_accessed > self._slide_interval:
                session = self._slide(session_id)
        return replace(session, last_accessed=self._now())

    def load_many(self, session_ids: Iterable[str]) -> dict[str, WheelSession]:
        """Those of the sessions that are alive, as stored: listing them does not count as use."""
        with told_as_unavailable():
            documents = self._cache.get_many([session_key(i) for i in session_ids])
        sessions = (self._decode(document) for document in documents.values())
        return {session.session_id: session for session in sessions if session is not None}

    def replace(self, old: WheelSession, new: WheelSession) -> WheelSession | None:
        """Store `new` if nobody has written since `old` was read, and return it as stored; None
        where somebody has. Raises `SessionNotFoundError` where the session is gone."""
        with told_as_unavailable(), self._lock(old.session_id):
            if self._read(old.session_id).version != old.version:
                return None
            stored = replace(new, version=old.version + 1, last_accessed=self._now())
            self._write(stored)
            return stored

    def delete(
        self, session_id: str, *, check: Callable[[WheelSession], None] = lambda _: None
    ) -> None:
        """Raises `SessionNotFoundError` where there is nothing to delete, and what `check` raises
        on the session as it is at that moment."""
        with told_as_unavailable(), self._lock(session_id):
            check(self._read(session_id))
            self._cache.delete(session_key(session_id))

    def ping(self) -> None:
        """Raises `StoreUnavailableError` where the backend does not answer."""
        with told_as_unavailable():
            self._cache.get("ping")

    def _slide(self, session_id: str) -> WheelSession:
        with self._lock(session_id):
            session = replace(self._read(session_id), last_accessed=self._now())
            self._write(session)
            return session

    def _read(self, session_id: str) -> WheelSession:
        document = self._cache.get(session_key(session_id))
        session = None if document is None else self._decode(document)
        if session is None:
            raise SessionNotFoundError
        return session

    def _decode(self, document: str) -> WheelSession | None:
        """None where the session has expired, or is of another version of Token Wheel."""
        try:
            session = session_from_json(document)
        except OtherSchemaError:
            return None
        has_expired = self._now() - session.last_accessed > self.ttl + self._slide_interval
        return None if has_expired else session

    def _write(self, session: WheelSession) -> None:
        """Write and read back: Django's database cache drops a failed write without a word."""
        key, document = session_key(session.session_id), session_to_json(session)
        lifetime = self.ttl + self._slide_interval
        self._cache.set(key, document, lifetime.total_seconds())
        if self._cache.get(key) != document:
            raise StoreUnavailableError

    def _lock(self, session_id: str) -> AbstractContextManager[None]:
        """One writer a session, in this process or another."""
        database = sqlite_database(self._cache)
        if database is not None:
            return transaction.atomic(using=database)  # BEGIN IMMEDIATE: one writer in all
        return self._lock_by_key(f"lock:{session_id}")

    @contextmanager
    def _lock_by_key(self, key: str) -> Iterator[None]:
        """A lock whose owner died ends by itself."""
        owner = secrets.token_hex(8)
        give_up_at = time.monotonic() + self._lock_timeout_s
        while not self._cache.add(key, owner, LOCK_LIFETIME_S):
            if time.monotonic() > give_up_at:
                raise StoreUnavailableError
            time.sleep(LOCK_RETRY_S)
        try:
            yield
        finally:
            if self._cache.get(key) == owner:
                self._cache.delete(key)


def sqlite_database(cache: BaseCache) -> str | None:
    """The alias of the SQLite database that this cache is a table of; None for other caches."""
    if not isinstance(cache, DatabaseCache):
        return None
    alias: str = router.db_for_write(cache.cache_model_class)
    return alias if connections[alias].vendor == "sqlite" else None


@contextmanager
def told_as_unavailable() -> Iterator[None]:
    """A backend that is down is not the same as a session that is gone."""
    try:
        yield
    except (DatabaseError, ConnectionInterrupted, RedisError, OSError) as error:
        raise StoreUnavailableError from error


def session_key(session_id: str) -> str:
    return f"session:{session_id}"
