"""Starting, loading, listing and deleting wheel sessions."""

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from wheel import runtime
from wheel.domain.counted_text import CountedText
from wheel.domain.wheel_session import WheelSession
from wheel.errors import SessionNotFoundError
from wheel.models import Classroom, Member
from wheel.services import changes
from wheel.services.states import SessionState, describe
from wheel.sessions import index as session_index
from wheel.sessions import limit as session_limit
from wheel.sessions.store import StoredSession


def start_session(*, model_id: str | None = None, seed: int | None = None) -> WheelSession:
    """Raises `UnknownModelError`, `ModelUnavailableError` or `TooManySessionsError`."""
    return create_session(model_id, seed=seed).session


def create_session(
    model_id: str | None, *, seed: int | None = None, member: Member | None = None
) -> StoredSession:
    """A new session without a prompt. That of a member has the member's id and the settings of its
    class, and lasts as long as the class. Raises what `start_session` raises."""
    current = runtime.current()
    if model_id is None:
        model_id = current.catalog.default_model_id()
    current.catalog.require_available(model_id)
    return store_session(model_id, seed=seed, member=member)


def store_session(
    model_id: str,
    *,
    seed: int | None = None,
    member: Member | None = None,
    counted_text: CountedText | None = None,
) -> StoredSession:
    """`create_session` with a model whose availability the caller has checked. Raises
    `TooManySessionsError`."""
    current = runtime.current()
    session_limit.make_room(current.store, current.max_sessions)
    now = current.store.now()
    session = WheelSession(
        session_id=str(member.session_id if member else uuid.uuid4()),
        model_id=model_id,
        seed=seed,
        created_at=now,
        last_accessed=now,
        indexed_at=now,
        counted_text=counted_text,
    )
    if member is not None:
        session = in_class(session, member.classroom)
    stored = current.store.create(session)
    session_index.write_entry(session)
    return stored


def in_class(session: WheelSession, classroom: Classroom) -> WheelSession:
    """The session with what a member has from the class, except for the prompt."""
    return replace(
        session,
        classroom_id=classroom.pk,
        kept_until=classroom.expires_at,
        settings=classroom.wheel_settings,
        seed=classroom.shared_seed,
    )


def get_session(*, session_id: str) -> SessionState:
    """Load a session, which counts as a use. Raises `SessionNotFoundError` and
    `ModelUnavailableError`, as every service does that takes a `session_id`."""
    return describe(runtime.current().store.load(checked_id(session_id)))


def inspect_session(*, session_id: str) -> SessionState:
    """Load a session without counting it as a use."""
    return describe(runtime.current().store.read(checked_id(session_id)))


def find_sessions(*, session_ids: Collection[str]) -> list[StoredSession]:
    """The live ones among the sessions, in the given order. This does not count as a use."""
    alive = runtime.current().store.load_many(session_ids)
    return [alive[session_id] for session_id in session_ids if session_id in alive]


def delete_session(*, session_id: str, rev: int | None = None) -> None:
    """Delete a session, and the copies of its text that a teacher holds. It can be deleted even if
    its model is no longer available. Raises `StaleRevisionError` if `rev` is given and the session
    is at another."""
    session_id = checked_id(session_id)
    stored = runtime.current().store.read(session_id)
    changes.delete(stored, rev)
    session_index.remove_entry(runtime.current().store, session_id)


def discard_session(*, session_id: str) -> None:
    """Delete a session that is not to begin, and all that belongs to it, whatever there is of it.
    Raises `StoreUnavailableError` if its text may be left."""
    store = runtime.current().store
    try:
        store.delete_many([session_id])
    finally:
        session_index.remove_entry(store, session_id)


def forget_session(*, session_id: str) -> None:
    """Remove the index row of a session that the store no longer has, its place in its class, and
    the held copies of its text."""
    session_index.remove_entry(runtime.current().store, checked_id(session_id))


def session_lifetime() -> timedelta:
    """The time from a session's last use to its expiry."""
    return runtime.current().store.ttl


def live_since() -> datetime:
    """Sessions that were last used before this time exist only because their class still does."""
    store = runtime.current().store
    return store.now() - store.ttl


def refresh_session_index() -> int:
    """Bring the admin's list up to date; returns the number of rows dropped because their session
    no longer exists."""
    store = runtime.current().store
    store.purge()
    return session_index.sync(store)


def checked_id(session_id: str) -> str:
    """The id in its canonical form. Raises `SessionNotFoundError` unless it is a UUID, so that
    no other key is ever looked up in the store."""
    try:
        return str(uuid.UUID(session_id))
    except ValueError:
        raise SessionNotFoundError from None
