"""The wheel of a session's next token: computing, serving and prefetching it."""

from collections.abc import Collection, Sequence
from concurrent.futures import CancelledError, Future
from hashlib import sha256
from math import inf
from typing import TypeVar

from wheel import runtime
from wheel.domain.counted_text import CountedText
from wheel.domain.distribution import FloatArray
from wheel.domain.recent_shapes import ShapedLogits
from wheel.domain.segments import Wheel
from wheel.domain.slider_steps import SliderSteps
from wheel.domain.wheel_session import WheelSession
from wheel.domain.wheel_settings import SPEC_BY_NAME, WheelSettings
from wheel.errors import EngineBusyError
from wheel.services.changes import change
from wheel.services.guards import allow_any_change
from wheel.services.membership import permitted_settings, require_unlocked
from wheel.services.sessions import get_session
from wheel.services.states import SessionState, WheelView, describe
from wheel.sessions.store import StoredSession

T = TypeVar("T")


def next_wheel(
    *,
    session_id: str,
    settings: WheelSettings | None = None,
    given: Collection[str] = (),
    is_stored: bool = True,
) -> WheelView:
    """The wheel of the next token; its settings are stored for the next spin, unless the client
    does not see the wheel (`is_stored=False`).

    Without `settings`, those of the wheel last served. `given` names the settings that the client
    asked for. Raises `NoPromptError`, `ContextFullError`, and `SettingLockedError` for one that its
    class locks.
    """
    state = get_session(session_id=session_id)
    return serve_wheel(state=state, settings=settings, given=given, is_stored=is_stored)


def serve_wheel(
    *,
    state: SessionState,
    settings: WheelSettings | None = None,
    given: Collection[str] = (),
    is_stored: bool = True,
) -> WheelView:
    """`next_wheel` of a session that has just been read or written."""
    settings = settings or state.session.settings
    view = compute_wheel(state, permitted_settings(state.member, settings, given))
    if is_stored and view.settings != state.session.settings:
        change(
            state.stored,
            None,
            lambda now: (now.session.with_settings(view.settings), None),
            allow_any_change,
        )
    return view


def compute_wheel(state: SessionState, settings: WheelSettings) -> WheelView:
    """Raises `NoPromptError`, `ContextFullError`, `InvalidFieldsError`, `EngineBusyError`."""
    logits = next_logits(state, settings)
    return view_of(state, settings, runtime.current().recent_shapes.of(logits, settings))


def wheel_of(state: SessionState, settings: WheelSettings, logits: FloatArray) -> WheelView:
    """logits: (vocabulary_size,) raw, of the state's next token."""
    return view_of(state, settings, ShapedLogits.of(logits, settings))


def view_of(state: SessionState, settings: WheelSettings, logits: ShapedLogits) -> WheelView:
    return WheelView(state, settings, Wheel(logits.shaped, settings.threshold), logits.raw)


def wheels_with(*, state: SessionState, settings: Sequence[WheelSettings]) -> list[WheelView]:
    """The wheel of the next token with each of the settings, which need not be those that a class
    permits. Nothing is stored. Raises as `compute_wheel` does."""
    for one in settings:
        one.check_vocabulary(state.tokenizer.vocabulary_size)
    logits = next_logits(state, settings[0])
    return [wheel_of(state, one, logits) for one in settings]


def wheel_after(
    *,
    model_id: str,
    token_ids: Sequence[int],
    settings: WheelSettings,
    counted_text: CountedText | None = None,
) -> WheelView:
    """The wheel of the token after these, of no stored session; `counted_text` for the counting
    model of a session. Raises as `compute_wheel` does, and `ModelUnavailableError`."""
    now = runtime.current().store.now()
    session = WheelSession(
        session_id="",
        model_id=model_id,
        created_at=now,
        last_accessed=now,
        prompt_token_ids=tuple(token_ids),
        counted_text=counted_text,
    )
    return compute_wheel(describe(StoredSession(session, document="")), settings)


def next_slider_steps(*, state: SessionState, settings: WheelSettings, name: str) -> SliderSteps:
    """The wheels of the next token at every step of the slider of the setting `name`, while the
    others stay at `settings`. Nothing is stored. Raises as `compute_wheel` does, and
    `SettingLockedError` if the class locks the setting."""
    require_unlocked(state.member, name)
    return SliderSteps.of(next_logits(state, settings), settings, SPEC_BY_NAME[name])


def next_logits(state: SessionState, settings: WheelSettings) -> FloatArray:
    """(vocabulary_size,) raw float32 logits of the next token. Raises as `compute_wheel` does."""
    state.session.require_room(state.context_length)
    settings.check_vocabulary(state.tokenizer.vocabulary_size)
    return logits_of(request_logits(state))


def request_logits(state: SessionState) -> "Future[FloatArray]":
    """The engine's request for the logits of the next token. Those that wait together are computed
    in batches."""
    session = state.session
    return state.engine.next_logits(
        session.model_id, session.token_ids, affinity_key=affinity_key(session)
    )


def affinity_key(session: WheelSession) -> str:
    """The same for all contexts of a session. Its id is the key to the session, which no other
    machine needs."""
    return sha256(session.session_id.encode()).hexdigest()[:16] if session.session_id else ""


def logits_of(future: "Future[FloatArray]") -> FloatArray:
    """(vocabulary_size,) Wait for requested logits. Raises `EngineBusyError`."""
    return result_of(future)


def result_of(future: "Future[T]", *, max_wait_s: float = inf) -> T:
    """Wait for the engine's answer. Raises `EngineBusyError`, and what the future raises."""
    try:
        return future.result(timeout=min(max_wait_s, runtime.current().request_timeout_s))
    except (TimeoutError, CancelledError):
        future.cancel()
        raise EngineBusyError from None


def prefetch_wheel(state: SessionState) -> None:
    """Prefetch the logits of this state's wheel, if it has one. The client is likely to request it
    next."""
    session = state.session
    if state.has_next_wheel:
        state.engine.prefetch(
            session.model_id, session.token_ids, affinity_key=affinity_key(session)
        )
