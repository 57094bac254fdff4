"""Idempotency keys: a request that is sent again is answered as the first time (decision 0023)."""

import hashlib
import json

from wheel.domain.past_sessions import session_after_request, session_before_last_change
from wheel.domain.wheel_session import KeyedRequest, WheelSession
from wheel.errors import IdempotencyKeyReusedError
from wheel.services.states import SessionState, TokenChange, describe
from wheel.sessions.store import StoredSession

DIGEST_CHARACTERS = 16  # 64 bits: the digest guards against a mistake of the client, not an attack


def keyed_request(key: str | None, operation: str, **asked_for: object) -> KeyedRequest | None:
    """The request with this key, if there is one. `asked_for` are JSON values: everything that
    distinguishes the request from another one."""
    if key is None:
        return None
    canonical = json.dumps([operation, asked_for], sort_keys=True)
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:DIGEST_CHARACTERS]
    return KeyedRequest(key, digest)


def find_answered(stored: StoredSession, request: KeyedRequest | None) -> TokenChange | None:
    """The change that this request made before; None if it is new to the session. Raises
    `IdempotencyKeyReusedError` if another request had the key."""
    if request is None:
        return None
    session = session_after_request(stored.session, request.key)
    if session is None:
        return None
    answered = session.recent_changes[-1].request
    assert answered is not None
    if answered.digest != request.digest:
        raise IdempotencyKeyReusedError
    return TokenChange(
        before=describe_past(session_before_last_change(session)),
        after=describe_past(session),
        chosen=session.history[-1],
        other=answered.other,
    )


def describe_past(session: WheelSession) -> SessionState:
    """The state of a session that has changed since. It has no document, so it cannot be written:
    the store would find another one."""
    return describe(StoredSession(session, document=""))
