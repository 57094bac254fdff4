"""Changes of a session's chosen tokens: append, spin, undo, redo, rewind."""

from collections.abc import Callable, Mapping

from wheel.domain.spin import map_into_other
from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.errors import InvalidInputError, TokenMismatchError
from wheel.language_models.tokenizer import Tokenizer
from wheel.services.changes import change
from wheel.services.sessions import get_session
from wheel.services.states import SessionState, TokenChange, WheelView
from wheel.services.wheels import compute_wheel, prefetch_wheel


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
    `NotOneTokenError`, `AmbiguousTokenTextError`, `TokenMismatchError`, `NoOtherTokensError`.
    """
    state = get_session(session_id=session_id)
    if from_other:
        return extend(state, rev, overrides, draw_from_other)
    token = pick_token(state.tokenizer, token_id, token_text)
    return extend(state, rev, overrides, lambda view: view.choose(token.token_id))


def spin(
    *,
    session_id: str,
    u: float | None = None,
    overrides: Mapping[str, float] | None = None,
    rev: int | None = None,
) -> TokenChange:
    """Spin the wheel and add the token it stops at. `u` repeats a draw; without it, the server
    draws. Raises `InvalidFieldsError` unless 0 <= u < 1."""

    def stop_at(view: WheelView) -> ChosenToken:
        return view.draw(view.next_u() if u is None else u)

    return extend(get_session(session_id=session_id), rev, overrides, stop_at)


def undo(*, session_id: str, rev: int | None = None) -> TokenChange:
    """Remove the last token. Raises `NothingToUndoError` if only the prompt is left."""

    def without_last_token(state: SessionState) -> tuple[WheelSession, ChosenToken]:
        new = state.session.without_last_token()
        return new, state.session.history[-1]

    done = change(get_session(session_id=session_id).stored, rev, without_last_token)
    return TokenChange(done.before, done.after, done.result)


def redo(*, session_id: str, rev: int | None = None) -> TokenChange:
    """Append the token that was removed last. Raises `NothingToRedoError`."""

    def with_token_redone(state: SessionState) -> tuple[WheelSession, ChosenToken]:
        new = state.session.with_token_redone()
        return new, new.history[-1]

    done = change(get_session(session_id=session_id).stored, rev, with_token_redone)
    return TokenChange(done.before, done.after, done.result)


def rewind(*, session_id: str, num_kept: int, rev: int | None = None) -> SessionState:
    """Keep the first `num_kept` of the chosen tokens and remove the others. Raises
    `InvalidInputError` unless at least one is removed."""

    def rewound(state: SessionState) -> tuple[WheelSession, None]:
        return state.session.rewound_to(num_kept), None

    return change(get_session(session_id=session_id).stored, rev, rewound).after


def extend(
    state: SessionState,
    rev: int | None,
    overrides: Mapping[str, float] | None,
    choose: Callable[[WheelView], ChosenToken],
) -> TokenChange:
    """Add the token that `choose` returns for the wheel of the session's current token ids."""

    def with_token(state: SessionState) -> tuple[WheelSession, WheelView]:
        settings = state.session.settings.with_overrides(overrides or {})
        view = compute_wheel(state, settings)
        return state.session.with_token(choose(view)), view

    done = change(state.stored, rev, with_token)
    prefetch_wheel(done.after)
    return TokenChange(done.before, done.after, done.after.session.history[-1], done.result)


def draw_from_other(view: WheelView) -> ChosenToken:
    return view.draw(map_into_other(view.wheel, view.next_u()))


def pick_token(tokenizer: Tokenizer, token_id: int | None, token_text: str | None) -> Token:
    """The token with this id or this text; if both are given, they must agree."""
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
