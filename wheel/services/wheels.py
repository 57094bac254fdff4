"""The wheel of a session's next token: computing, serving and prefetching it."""

from concurrent.futures import CancelledError

from wheel import runtime
from wheel.domain.distribution import Distribution, FloatArray
from wheel.domain.sampling import shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.slider_steps import SliderSteps
from wheel.domain.wheel_settings import SPEC_BY_NAME, WheelSettings
from wheel.errors import EngineBusyError
from wheel.services.changes import change
from wheel.services.sessions import get_session
from wheel.services.states import SessionState, WheelView


def next_wheel(
    *, session_id: str, settings: WheelSettings | None = None, is_stored: bool = True
) -> WheelView:
    """The wheel of the next token; its settings are stored for the next spin, unless the client
    does not see the wheel (`is_stored=False`).

    Without `settings`, those of the wheel last served. Raises `NoPromptError`, `ContextFullError`.
    """
    state = get_session(session_id=session_id)
    return serve_wheel(state=state, settings=settings, is_stored=is_stored)


def serve_wheel(
    *, state: SessionState, settings: WheelSettings | None = None, is_stored: bool = True
) -> WheelView:
    """`next_wheel` of a session that has just been read or written."""
    view = compute_wheel(state, settings or state.session.settings)
    if is_stored and view.settings != state.session.settings:
        change(state.stored, None, lambda now: (now.session.with_settings(view.settings), None))
    return view


def compute_wheel(state: SessionState, settings: WheelSettings) -> WheelView:
    """Raises `NoPromptError`, `ContextFullError`, `InvalidFieldsError`, `EngineBusyError`."""
    logits = next_logits(state, settings)
    shaped = shape_distribution(logits, settings)
    # Without filters, the two are equal; one object is ranked only once.
    raw = Distribution.from_logits(logits) if settings.reshapes else shaped
    return WheelView(state, settings, Wheel(shaped, settings.threshold), raw)


def next_slider_steps(*, state: SessionState, settings: WheelSettings, name: str) -> SliderSteps:
    """The wheels of the next token at every step of the slider of the setting `name`, while the
    others stay at `settings`. Nothing is stored. Raises as `compute_wheel` does."""
    return SliderSteps.of(next_logits(state, settings), settings, SPEC_BY_NAME[name])


def next_logits(state: SessionState, settings: WheelSettings) -> FloatArray:
    """(vocabulary_size,) raw float32 logits of the next token. Raises as `compute_wheel` does."""
    current, session = runtime.current(), state.session
    session.require_room(state.context_length)
    settings.check_vocabulary(state.tokenizer.vocabulary_size)
    future = current.engine.next_logits(session.model_id, session.token_ids)
    try:
        return future.result(timeout=current.request_timeout_s)
    except (TimeoutError, CancelledError):
        future.cancel()
        raise EngineBusyError from None


def prefetch_wheel(state: SessionState) -> None:
    """Prefetch the logits of this state's wheel, which the client is likely to request next."""
    session = state.session
    if session.num_tokens < state.context_length:
        runtime.current().engine.prefetch(session.model_id, session.token_ids)
