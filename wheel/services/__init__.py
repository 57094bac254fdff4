"""The use cases of wheel sessions, shared by the API, the pages and the admin.

Each takes plain values and returns values, or raises an error of `wheel.errors`.
"""

from wheel.language_models.catalog import ModelStatus
from wheel.models import PROMPT, Classroom, Member
from wheel.services.available_models import is_default_model_loaded, list_models, require_ready
from wheel.services.branches import BranchList, BranchView, list_branches, restore_branch
from wheel.services.comparisons import ComparedWheels, compare, compare_views
from wheel.services.counting import MAX_TEXT_CHARACTERS, counting_model, start_counting
from wheel.services.growth import Growth, grow_texts
from wheel.services.guesses import guess, past_wheels
from wheel.services.model_pairs import GrownStory, ModelPair, grow_stories, pair_models
from wheel.services.prompt_scores import known_prompt_scores, prompt_scores
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
from wheel.services.simulations import Replay, Simulation, replay_luck, simulate
from wheel.services.states import (
    BranchRestored,
    HistoryItem,
    SessionState,
    TokenChange,
    WheelView,
    describe,
)
from wheel.services.texts import (
    SurpriseOfText,
    TokenizedText,
    max_characters,
    score,
    score_beginning,
    tokenize,
)
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
    "MAX_TEXT_CHARACTERS",
    "PROMPT",
    "BranchList",
    "BranchRestored",
    "BranchView",
    "Classroom",
    "ComparedWheels",
    "GrownStory",
    "Growth",
    "HistoryItem",
    "Member",
    "ModelPair",
    "ModelStatus",
    "Replay",
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
    "compare",
    "compare_views",
    "counting_model",
    "delete_session",
    "describe",
    "find_sessions",
    "forget_session",
    "get_session",
    "grow_stories",
    "grow_texts",
    "guess",
    "inspect_session",
    "is_default_model_loaded",
    "known_prompt_scores",
    "list_branches",
    "list_models",
    "live_since",
    "max_characters",
    "next_slider_steps",
    "next_wheel",
    "pair_models",
    "past_wheels",
    "preview_wheel",
    "prompt_scores",
    "redo",
    "refresh_session_index",
    "replay_luck",
    "require_ready",
    "restore_branch",
    "rewind",
    "score",
    "score_beginning",
    "serve_wheel",
    "session_lifetime",
    "set_prompt",
    "simulate",
    "spin",
    "start_counting",
    "start_session",
    "start_text",
    "tokenize",
    "undo",
    "wheel_after",
    "wheels_with",
]
