"""The wheel of the next token, and a text's steps: forth by it, back, and forth again."""

from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError

from wheel import runtime
from wheel.domain.distribution import Distribution
from wheel.domain.sampling import WheelSettings, shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.spin import squeeze_into_other
from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.errors import EngineBusyError, InvalidInputError, TokenMismatchError
from wheel.language_models.tokenizer import Tokenizer
from wheel.services.changes import change, describe, prefetch_wheel
from wheel.services.sessions import get_session
from wheel.services.states import SessionState, TokenChange, WheelView


def next_wheel(*, session_id: str, settings: WheelSettings | None = None) -> WheelView:
    """The wheel of the next token; its settings are remembered for the next spin.

    Without `settings`, those of the wheel last served. Raises `NoPromptError`, `ContextFullError`.
    """
    state = get_session(session_id=session_id)
    view = compute_wheel(state, settings or state.session.settings)
    if view.settings != state.session.settings:
        change(session_id, None, lambda session: session.with_settings(view.settings))
    return view


def append_token(
    *,
    session_id: str,
    token_id: int | None = None,
    token_text: str | None = None,
    from_other: bool = False,
    overrides: Mapping[str, float] | None = None,
    rev: int | None = None,
) -> TokenChange:
    """Add a token: drawn from Other, or the one with this id, or the one with this text.

    `overrides` replace settings of the wheel last served. Raises `InvalidTokenIdError`,
    `NotOneTokenError`, `TokenMismatchError`, `NoOtherTokensError`.
    """
    if from_other:
        return extend(session_id, rev, overrides, draw_from_other)
    tokenizer = get_session(session_id=session_id).tokenizer
    token = pick_token(tokenizer, token_id, token_text)
    return extend(session_id, rev, overrides, lambda view: view.choose(token.token_id))


def spin(
    *,
    session_id: str,
    u: float | None = None,
    overrides: Mapping[str, float] | None = None,
    rev: int | None = None,
) -> TokenChange:
    """Spin the wheel and add the token it stops at. `u` repeats a draw; else the server draws."""

    def stop_at(view: WheelView) -> ChosenToken:
        return view.draw(view.next_u() if u is None else u)

    return extend(session_id, rev, overrides, stop_at)


def undo(*, session_id: str, rev: int | None = None) -> TokenChange:
    """Take the last token back. Raises `NothingToUndoError` where only the prompt is left."""
    before, after = change(session_id, rev, WheelSession.without_last_token)
    return TokenChange(before, after, before.session.history[-1])


def rewind(*, session_id: str, num_kept: int, rev: int | None = None) -> SessionState:
    """Go back to just before the chosen token at index `num_kept`. Raises `InvalidInputError`
    where there is no such token."""
    return change(session_id, rev, lambda session: session.rewound_to(num_kept))[1]


def redo(*, session_id: str, rev: int | None = None) -> TokenChange:
    """Put the token taken back last there again. Raises `NothingToRedoError`."""
    before, after = change(session_id, rev, WheelSession.with_token_redone)
    return TokenChange(before, after, after.session.history[-1])


def compute_wheel(state: SessionState, settings: WheelSettings) -> WheelView:
    """Raises `NoPromptError`, `ContextFullError`, `InvalidFieldsError`, `EngineBusyError`."""
    current, session = runtime.current(), state.session
    session.require_room(state.context_length)
    settings.check_vocabulary(state.tokenizer.vocabulary_size)
    future = current.engine.next_logits(session.model_id, session.token_ids)
    try:
        logits = future.result(timeout=current.request_timeout_s)
    except (TimeoutError, CancelledError):
        future.cancel()
        raise EngineBusyError from None
    shaped = shape_distribution(logits, settings)
    raw = Distribution.from_logits(logits) if settings.reshapes else shaped  # ranking is not free
    return WheelView(state, settings, Wheel(shaped, settings.threshold), raw)


def extend(
    session_id: str,
    rev: int | None,
    overrides: Mapping[str, float] | None,
    choose: Callable[[WheelView], ChosenToken],
) -> TokenChange:
    """Add the token that `choose` takes from the wheel of exactly the ids it is added to."""
    view: WheelView | None = None

    def with_token(session: WheelSession) -> WheelSession:
        nonlocal view
        settings = session.settings.with_overrides(overrides or {})
        view = compute_wheel(describe(session), settings)
        return session.with_token(choose(view))

    before, after = change(session_id, rev, with_token)
    prefetch_wheel(after)
    return TokenChange(before, after, after.session.history[-1], view)


def draw_from_other(view: WheelView) -> ChosenToken:
    return view.draw(squeeze_into_other(view.wheel, view.next_u()))


def pick_token(tokenizer: Tokenizer, token_id: int | None, token_text: str | None) -> Token:
    """The token with this id, which must then have this text where one is given too."""
    if token_id is None:
        if token_text is None:
            raise InvalidInputError('Give a token_id, a token_text, or the category "other".')
        return tokenizer.find_token(token_text)
    token = tokenizer.token(token_id)
    if token_text is not None and token_text != token.token_text:
        raise TokenMismatchError(
            f"Token {token_id} is {token.token_text!r}, not {token_text!r}: the two must agree."
        )
    return token
