"""What can be done with a wheel session: the use cases, shared by the API and the pages.

Each takes plain values, and answers with values or raises an error of `wheel.errors`.
"""

from wheel.services.available_models import is_default_model_loaded, list_models, require_ready
from wheel.services.changes import checked_id, describe
from wheel.services.prompts import check_prompt, set_prompt
from wheel.services.sessions import (
    delete_session,
    find_sessions,
    get_session,
    inspect_session,
    refresh_session_index,
    session_lifetime,
    start_session,
    start_text,
)
from wheel.services.states import HistoryItem, SessionState, TokenChange, WheelView
from wheel.services.wheels import append_token, next_wheel, redo, rewind, spin, undo

__all__ = [
    "HistoryItem",
    "SessionState",
    "TokenChange",
    "WheelView",
    "append_token",
    "check_prompt",
    "checked_id",
    "delete_session",
    "describe",
    "find_sessions",
    "get_session",
    "inspect_session",
    "is_default_model_loaded",
    "list_models",
    "next_wheel",
    "redo",
    "refresh_session_index",
    "require_ready",
    "rewind",
    "session_lifetime",
    "set_prompt",
    "spin",
    "start_session",
    "start_text",
    "undo",
]
