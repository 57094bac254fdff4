"""Wheel sessions as JSON documents in Django's cache, with compare-and-set writes.

A read returns the session with the document that it was decoded from. A write replaces exactly that
document; if the store holds another one, the write is refused and nothing changes
(`wheel.sessions.compare_and_set`). Retries are left to the caller.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from wheel.clock import utc_now
from wheel.domain.wheel_session import WheelSession
from wheel.errors import SessionNotFoundError, StoreUnavailableError
from wheel.sessions.circuit_breaker import CircuitBreaker, CircuitOpenError
from wheel.sessions.clock_jumps import MAX_JUMP, ClockJumps
from wheel.sessions.compare_and_set import CompareAndSet, compare_and_set_for
from wheel.sessions.decoded_documents import DecodedDocuments
from wheel.sessions.document import OtherSchemaError, session_to_json

MAX_SLIDE_INTERVAL = timedelta(seconds=60)
PING_LIFETIME_S = 10
PURGED_AT_ONCE = 500
BACKEND_ERRORS = (DatabaseError, ConnectionInterrupted, RedisError, OSError)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session and the document that it was read from, which a write compares with the store."""

    session: WheelSession
    document: str


class SessionStore:
    """Sessions that expire `ttl` after their last use, by the clock `now`, whose forward `jumps` do
    not count.

    Every method raises `StoreUnavailableError` if the backend does not answer.
    """

    def __init__(
        self,
        cache: BaseCache,
        *,
        ttl: timedelta,
        now: Callable[[], datetime] = utc_now,
        jumps: ClockJumps | None = None,
        compare_and_set: CompareAndSet | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._cache = cache
        self.ttl = ttl
        self.now = now
        self._jumps = jumps
        self._slide_interval = min(MAX_SLIDE_INTERVAL, ttl / 60)
        # A database cache deletes rows by the system clock alone, so they get a margin for jumps.
        self._row_margin = MAX_JUMP if isinstance(cache, DatabaseCache) else timedelta()
        self._compare_and_set = compare_and_set or compare_and_set_for(cache)
        self._decoded = DecodedDocuments()
        self._breaker = breaker or CircuitBreaker(*BACKEND_ERRORS, StoreUnavailableError)

    def create(self, session: WheelSession) -> StoredSession:
        """Write a new session and read it back, since Django's database cache ignores a failed
        write without an error."""
        key, document = session_key(session.session_id), session_to_json(session)
        with self._backend_errors_translated():
            self._cache.set(key, document, self._lifetime_s(session))
            if self._cache.get(key) != document:
                raise StoreUnavailableError
        self._decoded.remember(key, document, session)
        return StoredSession(session, document)

    def read(self, session_id: str) -> StoredSession:
        """The session as stored; reading it does not count as a use.

        Raises `SessionNotFoundError` for an unknown, deleted or expired one.
        """
        key = session_key(session_id)
        with self._backend_errors_translated():
            document = self._cache.get(key)
        stored = None if document is None else self._decode(key, document)
        if stored is None:
            self._decoded.forget(key)
            raise SessionNotFoundError
        return stored

    def load(self, session_id: str) -> StoredSession:
        """The session, with its expiry extended; the extension is written at most once a minute.

        Raises `SessionNotFoundError` for an unknown, deleted or expired one.
        """
        stored = self.read(session_id)
        used = self._used_now(stored.session)
        if used.last_accessed - stored.session.last_accessed > self._slide_interval:
            # A failed compare-and-set is not repeated: the other write has extended the expiry.
            stored = self._exchange(stored, used) or stored
        return StoredSession(used, stored.document)

    def load_many(self, session_ids: Iterable[str]) -> dict[str, StoredSession]:
        """Those of the sessions that are alive, by id; reading them does not count as a use."""
        with self._backend_errors_translated():
            documents = self._cache.get_many([session_key(i) for i in session_ids])
        sessions = (self._decode(key, document) for key, document in documents.items())
        return {stored.session.session_id: stored for stored in sessions if stored is not None}

    def replace(self, old: StoredSession, new: WheelSession) -> StoredSession | None:
        """Store `new` with the next version and an extended expiry, if the store still holds `old`.

        Returns None, and changes nothing, if another write came first. Raises
        `SessionNotFoundError` if the session has been deleted or has expired.
        """
        if self._has_expired(old.session):
            raise SessionNotFoundError
        version = old.session.version + 1
        written = self._exchange(old, self._used_now(replace(new, version=version)))
        if written is None:
            self.read(old.session.session_id)
        return written

    def delete(self, stored: StoredSession) -> bool:
        """Delete a session if the store still holds it as it was read; else change nothing and
        return False. Raises `SessionNotFoundError` if it no longer exists."""
        session_id = stored.session.session_id
        key = session_key(session_id)
        with self._backend_errors_translated():
            is_deleted = self._compare_and_set(key, stored.document, None, 0)
        if is_deleted:
            self._decoded.forget(key)
        else:
            self.read(session_id)
        return is_deleted

    def delete_many(self, session_ids: Iterable[str]) -> None:
        """Delete sessions, whatever the store holds of them. Ids of no session are ignored."""
        keys = [session_key(session_id) for session_id in session_ids]
        with self._backend_errors_translated():
            self._cache.delete_many(keys)
        for key in keys:
            self._decoded.forget(key)

    def ping(self) -> None:
        """Raises `StoreUnavailableError` if the backend does not answer, or loses a value."""
        key = f"ping:{secrets.token_hex(8)}"
        with self._backend_errors_translated():
            self._cache.set(key, key, PING_LIFETIME_S)
            if self._cache.get(key) != key:
                raise StoreUnavailableError
            self._cache.delete(key)

    def purge(self) -> None:
        """Delete ended sessions from a database cache, which keeps expired rows. Other caches
        delete expired entries themselves."""
        cache = self._cache
        if not isinstance(cache, DatabaseCache):
            return
        moment = self._oldest_use() + self._lifetime
        with self._backend_errors_translated():
            run_on_rows_expiring_before(self.now(), "DELETE", cache)
            rows = run_on_rows_expiring_before(moment, "SELECT cache_key", cache)
        prefix = cache.make_key(session_key(""))
        ids = [key.removeprefix(prefix) for (key,) in rows if key.startswith(prefix)]
        for start in range(0, len(ids), PURGED_AT_ONCE):
            self._delete_those_that_ended(ids[start : start + PURGED_AT_ONCE])

    def _delete_those_that_ended(self, session_ids: list[str]) -> None:
        """The documents decide: rows that an older version has written expire without a margin."""
        self.delete_many(set(session_ids) - self.load_many(session_ids).keys())

    def _exchange(self, old: StoredSession, new: WheelSession) -> StoredSession | None:
        """One compare-and-set; None if the store no longer holds `old`."""
        key, document = session_key(new.session_id), session_to_json(new)
        with self._backend_errors_translated():
            is_written = self._compare_and_set(key, old.document, document, self._lifetime_s(new))
        if not is_written:
            return None
        self._decoded.remember(key, document, new)
        return StoredSession(new, document)

    def _decode(self, key: str, document: str) -> StoredSession | None:
        """None for an expired session, and for a document of an unknown schema."""
        try:
            session = self._decoded.decode(key, document)
        except OtherSchemaError:
            return None
        return None if self._has_expired(session) else StoredSession(session, document)

    def _has_expired(self, session: WheelSession) -> bool:
        is_kept = session.kept_until is not None and session.kept_until > self.now()
        return session.last_accessed < self._oldest_use() and not is_kept

    def _used_now(self, session: WheelSession) -> WheelSession:
        return replace(session, last_accessed=self.now())

    def _oldest_use(self) -> datetime:
        """Sessions that were last used before this time have expired."""
        span = self.ttl + self._slide_interval
        return self.now() - span if self._jumps is None else self._jumps.time_before(span)

    @property
    def _lifetime(self) -> timedelta:
        """The lifetime of an entry of the cache, from the last use of its session."""
        return self.ttl + self._slide_interval + self._row_margin

    def _lifetime_s(self, session: WheelSession) -> float:
        """That of an entry written now. One of a session that is to be kept lasts as long."""
        lifetime = self._lifetime
        if session.kept_until is not None:
            lifetime = max(lifetime, session.kept_until - self.now() + self._row_margin)
        return lifetime.total_seconds()

    @contextmanager
    def _backend_errors_translated(self) -> Iterator[None]:
        """Raise `StoreUnavailableError` for the backend's errors: a backend that is down must not
        be mistaken for a session that does not exist."""
        try:
            with self._breaker.guard():
                yield
        except (*BACKEND_ERRORS, CircuitOpenError) as error:
            raise StoreUnavailableError from error


def session_key(session_id: str) -> str:
    return f"session:{session_id}"


def run_on_rows_expiring_before(
    moment: datetime, statement: str, cache: DatabaseCache
) -> list[tuple[str, ...]]:
    """The rows that the statement returns."""
    entries = cache.cache_model_class
    connection = connections[router.db_for_write(entries)]
    quote, utc = connection.ops.quote_name, moment.replace(microsecond=0)
    table, expires = quote(entries._meta.db_table), quote("expires")  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(
            f"{statement} FROM {table} WHERE {expires} < %s",
            [connection.ops.adapt_datetimefield_value(utc)],
        )
        return [] if cursor.description is None else cursor.fetchall()
