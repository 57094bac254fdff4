"""The use cases of wheel sessions, shared by the API, the pages and the admin.

Each takes plain values and returns values, or raises an error of `wheel.errors`.
"""

from wheel.models import PROMPT, Classroom, Member
from wheel.services.available_models import is_default_model_loaded, list_models, require_ready
from wheel.services.growth import Growth, grow_texts
from wheel.services.prompts import (
    check_prompt,
    check_settings,
    preview_wheel,
    set_prompt,
    start_text,
)
from wheel.services.sessions import (
    checked_id,
    delete_session,
    find_sessions,
    forget_session,
    get_session,
    inspect_session,
    live_since,
    refresh_session_index,
    session_lifetime,
    start_session,
)
from wheel.services.simulations import Simulation, simulate
from wheel.services.states import HistoryItem, SessionState, TokenChange, WheelView, describe
from wheel.services.texts import SurpriseOfText, TokenizedText, score, tokenize
from wheel.services.token_changes import append_token, redo, rewind, spin, undo
from wheel.services.wheels import (
    next_slider_steps,
    next_wheel,
    serve_wheel,
    wheel_after,
    wheels_with,
)
from wheel.sessions.store import StoredSession

__all__ = [
    "PROMPT",
    "Classroom",
    "Growth",
    "HistoryItem",
    "Member",
    "SessionState",
    "Simulation",
    "StoredSession",
    "SurpriseOfText",
    "TokenChange",
    "TokenizedText",
    "WheelView",
    "append_token",
    "check_prompt",
    "check_settings",
    "checked_id",
    "delete_session",
    "describe",
    "find_sessions",
    "forget_session",
    "get_session",
    "grow_texts",
    "inspect_session",
    "is_default_model_loaded",
    "list_models",
    "live_since",
    "next_slider_steps",
    "next_wheel",
    "preview_wheel",
    "redo",
    "refresh_session_index",
    "require_ready",
    "rewind",
    "score",
    "serve_wheel",
    "session_lifetime",
    "set_prompt",
    "simulate",
    "spin",
    "start_session",
    "start_text",
    "tokenize",
    "undo",
    "wheel_after",
    "wheels_with",
]
