"""Starting, finding and ending wheel sessions."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from wheel import runtime
from wheel.clock import utc_now
from wheel.domain.wheel_session import WheelSession
from wheel.errors import SessionNotFoundError, TokenWheelError
from wheel.services.changes import checked_id, describe, require_rev
from wheel.services.prompts import set_prompt
from wheel.services.states import SessionState
from wheel.sessions import index as session_index
from wheel.sessions import limit as session_limit


def start_session(
    *, model_id: str | None = None, seed: int | None = None, classroom_id: int | None = None
) -> WheelSession:
    """Raises `UnknownModelError`, `ModelUnavailableError` or `TooManySessionsError`."""
    current = runtime.current()
    if model_id is None:
        model_id = current.catalog.default_model_id()
    current.catalog.require_available(model_id)
    session_limit.make_room(current.store, current.max_sessions)
    now = utc_now()
    session = WheelSession(
        session_id=str(uuid.uuid4()),
        model_id=model_id,
        seed=seed,
        classroom_id=classroom_id,
        created_at=now,
        last_accessed=now,
        indexed_at=now,
    )
    current.store.create(session)
    session_index.write_entry(session)
    return session


def start_text(
    *, prompt: str, model_id: str | None = None, classroom_id: int | None = None
) -> WheelSession:
    """A new session with this prompt. Raises what `start_session` and `set_prompt` raise; where the
    prompt is refused, no session stays."""
    session = start_session(model_id=model_id, classroom_id=classroom_id)
    try:
        return set_prompt(session_id=session.session_id, prompt=prompt).session
    except TokenWheelError:
        delete_session(session_id=session.session_id)
        raise


def get_session(*, session_id: str) -> SessionState:
    """Raises `SessionNotFoundError`, as every service does for a session that is not there."""
    return describe(runtime.current().store.load(checked_id(session_id)))


def inspect_session(*, session_id: str) -> SessionState:
    """The same for somebody who looks on: it does not count as a use of the session."""
    store, session_id = runtime.current().store, checked_id(session_id)
    try:
        return describe(store.load_many([session_id])[session_id])
    except KeyError:
        raise SessionNotFoundError from None


def find_sessions(*, session_ids: Collection[str]) -> list[WheelSession]:
    """Those of the sessions that are alive, in the order asked for. Like `inspect_session`, it does
    not count as a use of them."""
    alive = runtime.current().store.load_many(session_ids)
    return [alive[session_id] for session_id in session_ids if session_id in alive]


def delete_session(*, session_id: str, rev: int | None = None) -> None:
    store = runtime.current().store
    session_id = checked_id(session_id)
    store.delete(session_id, check=lambda session: require_rev(session, rev))
    session_index.remove_entry(session_id)


def session_lifetime() -> timedelta:
    """How long a session lives after its last use."""
    return runtime.current().store.ttl


def refresh_session_index() -> int:
    """Bring the admin's list up to date; returns how many sessions were no longer there."""
    runtime.current().store.purge()
    return session_index.sync(runtime.current().store)
