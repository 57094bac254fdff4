"""How a wheel session changes. A change is computed on the session as it is and stored only if it
still is so; where somebody else was faster, it is computed again on what they left, so that no
click is lost or lands on another context."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from wheel import runtime
from wheel.clock import utc_now
from wheel.domain.wheel_session import WheelSession
from wheel.errors import (
    EngineBusyError,
    ModelUnavailableError,
    SessionNotFoundError,
    StaleRevisionError,
    UnknownModelError,
)
from wheel.services.states import SessionState
from wheel.sessions import index as session_index


def change(
    session_id: str, rev: int | None, compute: Callable[[WheelSession], WheelSession]
) -> tuple[SessionState, SessionState]:
    """Replace a session by what `compute` makes of it; returns it before and after.

    Raises `StaleRevisionError` where `rev` is given and the session is at another.
    """
    current, session_id = runtime.current(), checked_id(session_id)
    give_up_at = time.monotonic() + current.request_timeout_s
    while time.monotonic() < give_up_at:
        old = current.store.load(session_id)
        require_rev(old, rev)
        now = utc_now()
        new, is_index_due = compute(old), session_index.is_due(old, now)
        if is_index_due:
            new = replace(new, indexed_at=now)
        stored = current.store.replace(old, new)
        if stored is not None:
            if is_index_due:
                session_index.write_entry(stored)
            return describe(old), describe(stored)
    raise EngineBusyError


def describe(session: WheelSession) -> SessionState:
    """Raises `ModelUnavailableError` also where the session's model is no longer on offer."""
    catalog, model_id = runtime.current().catalog, session.model_id
    try:
        return SessionState(session, catalog.tokenizer(model_id), catalog.context_length(model_id))
    except UnknownModelError:
        raise ModelUnavailableError(f"This server no longer offers {model_id}.") from None


def prefetch_wheel(state: SessionState) -> None:
    """Tell the engine that this text's wheel is the next to be looked at."""
    session = state.session
    if session.num_tokens < state.context_length:
        runtime.current().engine.prefetch(session.model_id, session.token_ids)


def require_rev(session: WheelSession, rev: int | None) -> None:
    if rev is not None and rev != session.rev:
        raise StaleRevisionError(session.session_id, rev=rev, current_rev=session.rev)


def checked_id(session_id: str) -> str:
    """Only UUIDs can be sessions; anything else never reaches the store."""
    try:
        return str(uuid.UUID(session_id))
    except ValueError:
        raise SessionNotFoundError from None
