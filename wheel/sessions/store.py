"""Wheel sessions as JSON documents in Django's cache.

Writes are compare-and-set. A change is computed on a session that was read, and stored only if the
document is still the one that was read (`wheel.sessions.compare_and_set`).
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from wheel.domain.wheel_session import WheelSession
from wheel.errors import SessionNotFoundError, StoreUnavailableError
from wheel.sessions.circuit_breaker import CircuitBreaker, CircuitOpenError
from wheel.sessions.compare_and_set import Swap, compare_and_set_for
from wheel.sessions.document import OtherSchemaError, session_from_json, session_to_json

MAX_SLIDE_INTERVAL = timedelta(seconds=60)
PING_LIFETIME_S = 10
BACKEND_ERRORS = (DatabaseError, ConnectionInterrupted, RedisError, OSError)


def utc_now() -> datetime:
    return datetime.now(UTC)


class SessionChangedError(Exception):
    """Somebody else has written meanwhile."""


class SessionStore:
    """ttl is how long a session lives after its last use; patience_s is for how long a write that
    others are faster than is tried again.

    Every method raises `StoreUnavailableError` where the backend does not answer.
    """

    def __init__(
        self,
        cache: BaseCache,
        *,
        ttl: timedelta,
        patience_s: float = 2.0,
        now: Callable[[], datetime] = utc_now,
        swap: Swap | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._cache = cache
        self.ttl = ttl
        self._slide_interval = min(MAX_SLIDE_INTERVAL, ttl / 60)
        self._patience_s = patience_s
        self._now = now
        self._swap = swap or compare_and_set_for(cache)
        self._breaker = breaker or CircuitBreaker(*BACKEND_ERRORS, StoreUnavailableError)

    def create(self, session: WheelSession) -> None:
        """Written and read back: Django's database cache drops a failed write without a word."""
        key, document = session_key(session.session_id), session_to_json(session)
        with self._told_as_unavailable():
            self._cache.set(key, document, self._lifetime_s)
            if self._cache.get(key) != document:
                raise StoreUnavailableError

    def load(self, session_id: str) -> WheelSession:
        """The session as of now. Being looked at is a use, so its end moves away, written at most
        once a minute. Raises `SessionNotFoundError` for an unknown, deleted or expired one.
        """
        with self._told_as_unavailable():
            session = self._read(session_id)[1]
            if self._now() - session.last_accessed > self._slide_interval:
                session = self._exchange(session_id, self._used_now)
        return self._used_now(session)

    def load_many(self, session_ids: Iterable[str]) -> dict[str, WheelSession]:
        """Those of the sessions that are alive, as stored: listing them does not count as use."""
        with self._told_as_unavailable():
            documents = self._cache.get_many([session_key(i) for i in session_ids])
        sessions = (self._decode(document) for document in documents.values())
        return {session.session_id: session for session in sessions if session is not None}

    def replace(self, old: WheelSession, new: WheelSession) -> WheelSession | None:
        """Store `new` if nobody has written since `old` was read, and return it as stored; None
        where somebody has. Raises `SessionNotFoundError` where the session is gone."""

        def take_its_place(current: WheelSession) -> WheelSession:
            if current.version != old.version:
                raise SessionChangedError
            return self._used_now(replace(new, version=old.version + 1))

        with self._told_as_unavailable():
            try:
                return self._exchange(old.session_id, take_its_place)
            except SessionChangedError:
                return None

    def delete(
        self, session_id: str, *, check: Callable[[WheelSession], None] = lambda _: None
    ) -> None:
        """Raises `SessionNotFoundError` where there is nothing to delete, and what `check` raises
        on the session as it is at that moment."""
        give_up_at = time.monotonic() + self._patience_s
        with self._told_as_unavailable():
            while time.monotonic() < give_up_at:
                document, session = self._read(session_id)
                check(session)
                if self._swap(session_key(session_id), document, None, 0):
                    return
            raise StoreUnavailableError

    def ping(self) -> None:
        """Raises `StoreUnavailableError` where the backend does not answer or keeps nothing."""
        key = f"ping:{secrets.token_hex(8)}"
        with self._told_as_unavailable():
            self._cache.set(key, key, PING_LIFETIME_S)
            if self._cache.get(key) != key:
                raise StoreUnavailableError
            self._cache.delete(key)

    def purge(self) -> None:
        """Remove what has ended from where it would stay: a database keeps it until it is asked
        for. Any other cache forgets by itself."""
        if not isinstance(self._cache, DatabaseCache):
            return
        entries = self._cache.cache_model_class
        connection = connections[router.db_for_write(entries)]
        quote, now = connection.ops.quote_name, self._now().replace(microsecond=0)
        table, expires = quote(entries._meta.db_table), quote("expires")  # noqa: SLF001
        with self._told_as_unavailable(), connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE {expires} < %s",  # noqa: S608 - both are our own
                [connection.ops.adapt_datetimefield_value(now)],
            )

    def _exchange(
        self, session_id: str, compute: Callable[[WheelSession], WheelSession]
    ) -> WheelSession:
        """Put what `compute` makes of the session in its place; computed again where somebody
        else was faster."""
        give_up_at = time.monotonic() + self._patience_s
        while time.monotonic() < give_up_at:
            document, session = self._read(session_id)
            new = compute(session)
            key = session_key(session_id)
            if self._swap(key, document, session_to_json(new), self._lifetime_s):
                return new
        raise StoreUnavailableError

    def _read(self, session_id: str) -> tuple[str, WheelSession]:
        document = self._cache.get(session_key(session_id))
        session = None if document is None else self._decode(document)
        if session is None:
            raise SessionNotFoundError
        return document, session

    def _decode(self, document: str) -> WheelSession | None:
        """None where the session has expired, or is of another version of Token Wheel."""
        try:
            session = session_from_json(document)
        except OtherSchemaError:
            return None
        has_expired = self._now() - session.last_accessed > self.ttl + self._slide_interval
        return None if has_expired else session

    def _used_now(self, session: WheelSession) -> WheelSession:
        return replace(session, last_accessed=self._now())

    @property
    def _lifetime_s(self) -> float:
        return (self.ttl + self._slide_interval).total_seconds()

    @contextmanager
    def _told_as_unavailable(self) -> Iterator[None]:
        """A backend that is down is not the same as a session that is gone."""
        try:
            with self._breaker.guard():
                yield
        except (*BACKEND_ERRORS, CircuitOpenError) as error:
            raise StoreUnavailableError from error


def session_key(session_id: str) -> str:
    return f"session:{session_id}"
