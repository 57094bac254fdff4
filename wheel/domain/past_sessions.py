"""Past states of a session, from which a request that is sent again is answered again.

A session remembers how to take its recent changes back (`TextChange`), not the states before them:
most of their tokens are still in its history.
"""

from dataclasses import replace

from wheel.domain.wheel_session import WheelSession


def session_after_request(session: WheelSession, key: str) -> WheelSession | None:
    """The session as it was when the request with this key had changed it; None if none of the
    recent changes has the key. Its text, its `rev` and its recent changes are those of then; the
    other fields are those of now."""
    keys = [change.request and change.request.key for change in session.recent_changes]
    if key not in keys:
        return None
    num_later = len(keys) - 1 - keys.index(key)
    for _ in range(num_later):
        session = session_before_last_change(session)
    return session


def session_before_last_change(session: WheelSession) -> WheelSession:
    """The session with the last of its recent changes taken back; there must be one."""
    *earlier, last = session.recent_changes
    prompt = session.prompt_token_ids if last.replaced_prompt is None else last.replaced_prompt
    return replace(
        session,
        prompt_token_ids=prompt,
        history=(*session.history[: last.num_kept], *last.removed),
        recent_changes=tuple(earlier),
        rev=session.rev - 1,
    )
