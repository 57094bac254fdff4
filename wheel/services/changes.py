"""Optimistic locking: the one loop in which wheel sessions are changed and deleted.

A change is computed on the session that was read, and written only if the store still holds the
same document (compare-and-set). If another write came first, the session is read again and the
change is computed again. So no click is lost, or applied to a context for which it was not made.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from wheel import runtime
from wheel.domain.wheel_session import WheelSession
from wheel.errors import StaleRevisionError, StoreUnavailableError
from wheel.services.guards import Guard, require_open_class
from wheel.services.states import SessionState, describe
from wheel.sessions import class_versions
from wheel.sessions import index as session_index
from wheel.sessions.store import StoredSession

Result = TypeVar("Result")


@dataclass(frozen=True)
class CompletedChange(Generic[Result]):
    """A session before and after a change, and the additional result of the computation."""

    before: SessionState
    after: SessionState
    result: Result


def change(
    stored: StoredSession,
    rev: int | None,
    compute: Callable[[SessionState], tuple[WheelSession, Result]],
    guard: Guard = require_open_class,
) -> CompletedChange[Result]:
    """Replace a session by the new one that `compute` returns, with an additional result.

    `stored` is the session as the caller has read it. `compute` is called again, on a newer state,
    each time another write came first.

    Raises `StaleRevisionError` if `rev` is given and the session is at another,
    `StoreUnavailableError` if other writes come first until the request times out, and the errors
    of `guard`.
    """
    return retry(stored, lambda stored: attempt_change(stored, rev, compute, guard))


def attempt_change(
    stored: StoredSession,
    rev: int | None,
    compute: Callable[[SessionState], tuple[WheelSession, Result]],
    guard: Guard = require_open_class,
) -> CompletedChange[Result] | None:
    """One attempt of `change`; None, with nothing changed, if another write came first."""
    require_rev(stored.session, rev)
    before = describe(stored)
    guard(before)
    new, result = compute(before)
    guard(describe(stored))
    written = write(stored, new)
    return None if written is None else CompletedChange(before, describe(written), result)


def delete(stored: StoredSession, rev: int | None) -> None:
    """Delete a session. Raises `StaleRevisionError` if `rev` is given and the session is at
    another."""
    store = runtime.current().store

    def attempt(stored: StoredSession) -> bool | None:
        require_rev(stored.session, rev)
        return store.delete(stored) or None

    retry(stored, attempt)


def retry(stored: StoredSession, attempt: Callable[[StoredSession], Result | None]) -> Result:
    """Call `attempt` until its result is not None. After each None, the session is read again."""
    current = runtime.current()
    give_up_at = time.monotonic() + current.request_timeout_s
    while (result := attempt(stored)) is None:
        if time.monotonic() >= give_up_at:
            raise StoreUnavailableError
        stored = current.store.read(stored.session.session_id)
    return result


def write(stored: StoredSession, new: WheelSession) -> StoredSession | None:
    """One compare-and-set, and the session's index row if that is due; None if another write came
    first."""
    store = runtime.current().store
    now = store.now()
    is_index_due = session_index.is_due(stored.session, now)
    written = store.replace(stored, replace(new, indexed_at=now) if is_index_due else new)
    if written is not None and is_index_due:
        session_index.write_entry(written.session)
    if written is not None and is_seen_by_class(stored.session, new):
        class_versions.note_change(new.classroom_id)
    return written


def is_seen_by_class(before: WheelSession, after: WheelSession) -> bool:
    """Whether the wall of the class shows the change."""
    return (before.rev, before.simulation) != (after.rev, after.simulation)


def require_rev(session: WheelSession, rev: int | None) -> None:
    if rev is not None and rev != session.rev:
        raise StaleRevisionError(session.session_id, rev=rev, current_rev=session.rev)
