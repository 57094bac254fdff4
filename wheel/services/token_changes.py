"""Changes of a session's chosen tokens: append, spin, undo, redo, rewind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from wheel.domain.spin import map_into_other
from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken, KeyedRequest, WheelSession
from wheel.errors import InvalidInputError, TokenMismatchError
from wheel.language_models.tokenizer import Tokenizer
from wheel.sentences import Sentence
from wheel.services.changes import attempt_change, change, retry
from wheel.services.guards import Guard, require_open_class
from wheel.services.membership import permitted_settings
from wheel.services.repeated_requests import find_answered, keyed_request
from wheel.services.sessions import get_session
from wheel.services.states import SessionState, TokenChange, WheelView
from wheel.services.wheels import compute_wheel, prefetch_wheel
from wheel.sessions.store import StoredSession


def append_token(
    *,
    session_id: str,
    token_id: int | None = None,
    token_text: str | None = None,
    from_other: bool = False,
    overrides: Mapping[str, float] | None = None,
    rev: int | None = None,
    idempotency_key: str | None = None,
) -> TokenChange:
    """Add a token: drawn from Other, or the one with this id, or the one with this text.

    `overrides` replace settings of the wheel last served. With an idempotency key that the same
    request has had within the last changes, the change that it made then; nothing is changed.
    Raises `InvalidTokenIdError`, `NotOneTokenError`, `AmbiguousTokenTextError`,
    `TokenMismatchError`, `NoOtherTokensError`, `IdempotencyKeyReusedError`.
    """
    state = get_session(session_id=session_id)
    request = keyed_request(
        idempotency_key,
        "append-token",
        token_id=token_id,
        token_text=token_text,
        from_other=from_other,
        overrides=overrides or {},
    )
    if from_other:
        return extend(state, Extension(draw_from_other, overrides, rev, request))
    token = pick_token(state.tokenizer, token_id, token_text)
    pick = Extension(lambda view: view.choose(token.token_id), overrides, rev, request)
    return extend(state, pick)


def spin(
    *,
    session_id: str,
    u: float | None = None,
    overrides: Mapping[str, float] | None = None,
    rev: int | None = None,
    idempotency_key: str | None = None,
) -> TokenChange:
    """Spin the wheel and add the token it stops at. `u` repeats a draw; without it, the server
    draws. An idempotency key as for `append_token`. Raises `InvalidFieldsError` unless 0 <= u < 1,
    and `IdempotencyKeyReusedError`."""
    request = keyed_request(idempotency_key, "spin", u=u, overrides=overrides or {})

    def stop_at(view: WheelView) -> ChosenToken:
        return view.draw(view.next_u()) if u is None else as_no_sample(view.draw(u))

    return extend(get_session(session_id=session_id), Extension(stop_at, overrides, rev, request))


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


@dataclass(frozen=True)
class Extension:
    """A token to be added: `choose` returns it for the wheel of the session's current token ids."""

    choose: Callable[[WheelView], ChosenToken]
    overrides: Mapping[str, float] | None
    rev: int | None
    request: KeyedRequest | None
    guard: Guard = require_open_class

    def extended(self, state: SessionState) -> tuple[WheelSession, WheelView]:
        given = self.overrides or {}
        settings = state.session.settings.with_overrides(given)
        view = compute_wheel(state, permitted_settings(state.member, settings, given))
        chosen = self.choose(view)
        request = self.request and replace(self.request, other=view.other_share(chosen))
        return state.session.with_token(chosen, request), view


def extend(state: SessionState, extension: Extension) -> TokenChange:
    """Add a token, unless the same request has added it before."""

    def attempt(stored: StoredSession) -> TokenChange | None:
        return find_answered(stored, extension.request) or attempt_extension(stored, extension)

    change = retry(state.stored, attempt)
    if change.view is not None:
        prefetch_wheel(change.after)
    return change


def attempt_extension(stored: StoredSession, extension: Extension) -> TokenChange | None:
    """None, with nothing changed, if another write came first."""
    done = attempt_change(stored, extension.rev, extension.extended, extension.guard)
    if done is None:
        return None
    chosen, view = done.after.session.history[-1], done.result
    return TokenChange(done.before, done.after, chosen, view, view.other_share(chosen))


def draw_from_other(view: WheelView) -> ChosenToken:
    return as_no_sample(view.draw(map_into_other(view.wheel, view.next_u())))


def as_no_sample(drawn: ChosenToken) -> ChosenToken:
    return replace(drawn, is_sample=False)


def pick_token(tokenizer: Tokenizer, token_id: int | None, token_text: str | None) -> Token:
    """The token with this id or this text; if both are given, they must agree."""
    if token_id is None:
        if token_text is None:
            raise InvalidInputError(
                Sentence('Give a token_id, a token_text, or the category "other".')
            )
        return tokenizer.find_token(token_text)
    token = tokenizer.token(token_id)
    if token_text is not None and token_text != token.token_text:
        raise TokenMismatchError(
            Sentence(
                "Token %(token_id)s is %(text)s, not %(given)s: the two must agree.",
                token_id=str(token_id),
                text=repr(token.token_text),
                given=repr(token_text),
            )
        )
    return token
