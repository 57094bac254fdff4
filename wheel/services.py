"""What can be done with a wheel session: the use cases, shared by the API and the pages.

Each takes plain values, and answers with values or raises an error of `wheel.errors`. A change is
computed on the session as it is and stored only if it still is so; where somebody else was faster,
it is computed again on what they left, so that no click is lost or lands on another context.
"""

import time
import uuid
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from wheel import runtime, session_index, session_limit
from wheel.domain.distribution import Distribution
from wheel.domain.sampling import WheelSettings, shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin, draw_u, squeeze_into_other
from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.engine.library import ModelStatus
from wheel.engine.tokenizer import Tokenizer
from wheel.errors import (
    EmptyPromptError,
    EngineBusyError,
    InvalidInputError,
    ModelUnavailableError,
    PromptTooLongError,
    SessionNotFoundError,
    StaleRevisionError,
    TokenMismatchError,
    TokenWheelError,
    UnknownModelError,
)
from wheel.store import utc_now


@dataclass(frozen=True)
class ChosenStep:
    """A chosen token, with what it is and what its wheel said of it."""

    token: Token
    chosen: ChosenToken


@dataclass(frozen=True)
class SessionState:
    """A session together with what makes its ids readable."""

    session: WheelSession
    tokenizer: Tokenizer
    context_length: int

    @cached_property
    def initial_prompt(self) -> str:
        return self.tokenizer.decode(self.session.prompt_token_ids)

    @cached_property
    def current_text(self) -> str:
        return self.tokenizer.decode(self.session.token_ids)

    @property
    def has_ended(self) -> bool:
        return self.session.has_ended(self.tokenizer.end_of_text_ids)

    @cached_property
    def steps(self) -> list[ChosenStep]:
        """The story so far, in order."""
        return [ChosenStep(self.token(chosen.token_id), chosen) for chosen in self.session.history]

    def token(self, token_id: int) -> Token:
        return self.tokenizer.tokens[token_id]


@dataclass(frozen=True)
class WheelView:
    """The wheel of a session's next token. `raw` is what the model itself believes: the same
    logits at temperature 1 and unfiltered."""

    state: SessionState
    settings: WheelSettings
    wheel: Wheel
    raw: Distribution

    def choose(self, token_id: int, spin: Spin | None = None) -> ChosenToken:
        return ChosenToken.from_wheel(
            self.wheel, token_id, settings=self.settings, selected_at=utc_now(), spin=spin
        )

    def draw(self, u: float) -> ChosenToken:
        spin = Spin.at(self.wheel, u)
        return self.choose(spin.token_id, spin)

    def next_u(self) -> float:
        session = self.state.session
        return draw_u(seed=session.seed, draw_idx=session.num_draws)


@dataclass(frozen=True)
class Step:
    """A session before and after one token was added or removed."""

    before: SessionState
    after: SessionState
    chosen: ChosenToken
    view: WheelView | None = None


def list_models() -> list[ModelStatus]:
    return runtime.current().library.statuses()


def is_default_model_loaded() -> bool:
    return runtime.current().library.is_default_loaded()


def require_ready() -> None:
    """Raises `ModelUnavailableError` unless the default model can answer now, and
    `StoreUnavailableError` unless sessions can be kept."""
    current = runtime.current()
    current.library.default_model_id()
    if not (current.library.is_default_loaded() and current.engine.is_alive()):
        raise ModelUnavailableError("The default model is not loaded yet.")
    current.store.ping()


def start_session(
    *, model_id: str | None = None, seed: int | None = None, classroom_id: int | None = None
) -> WheelSession:
    """Raises `UnknownModelError`, `ModelUnavailableError` or `TooManySessionsError`."""
    current = runtime.current()
    if model_id is None:
        model_id = current.library.default_model_id()
    current.library.require_available(model_id)
    session_limit.make_room(current.store, current.max_sessions)
    now = utc_now()
    session = WheelSession(
        session_id=str(uuid.uuid4()),
        model_id=model_id,
        seed=seed,
        classroom_id=classroom_id,
        created_at=now,
        last_accessed=now,
        indexed_at=now,
    )
    current.store.create(session)
    session_index.write_entry(session)
    return session


def start_text(
    *, prompt: str, model_id: str | None = None, classroom_id: int | None = None
) -> WheelSession:
    """A new session with this prompt. Raises what `start_session` and `set_prompt` raise; where the
    prompt is refused, no session stays."""
    session = start_session(model_id=model_id, classroom_id=classroom_id)
    try:
        return set_prompt(session_id=session.session_id, prompt=prompt).session
    except TokenWheelError:
        delete_session(session_id=session.session_id)
        raise


def get_session(*, session_id: str) -> SessionState:
    """Raises `SessionNotFoundError`, as all that follow do for a session that is not there."""
    return describe(runtime.current().store.load(checked_id(session_id)))


def inspect_session(*, session_id: str) -> SessionState:
    """The same for somebody who looks on: it does not count as a use of the session."""
    store, session_id = runtime.current().store, checked_id(session_id)
    try:
        return describe(store.load_many([session_id])[session_id])
    except KeyError:
        raise SessionNotFoundError from None


def find_sessions(*, session_ids: Collection[str]) -> list[WheelSession]:
    """Those of the sessions that are alive, in the order asked for. Like `inspect_session`, it does
    not count as a use of them."""
    alive = runtime.current().store.load_many(session_ids)
    return [alive[session_id] for session_id in session_ids if session_id in alive]


def session_lifetime() -> timedelta:
    """How long a session lives after its last use."""
    return runtime.current().store.ttl


def refresh_session_index() -> int:
    """Bring the admin's list up to date; returns how many sessions were no longer there."""
    runtime.current().store.purge()
    return session_index.sync(runtime.current().store)


def set_prompt(*, session_id: str, prompt: str, rev: int | None = None) -> SessionState:
    """Start the text over. Raises `EmptyPromptError` or `PromptTooLongError`."""
    require_characters(prompt)

    def with_prompt(session: WheelSession) -> WheelSession:
        state = describe(session)
        return session.with_prompt(encode_prompt(prompt, state.tokenizer, state.context_length))

    state = change(session_id, rev, with_prompt)[1]
    expect_wheel(state)
    return state


def check_prompt(*, prompt: str, model_id: str | None = None) -> None:
    """Raises `EmptyPromptError` or `PromptTooLongError` where no session of the model could begin
    with this prompt, and `ModelUnavailableError` where nobody can tell."""
    require_characters(prompt)
    library = runtime.current().library
    model_id = model_id or library.default_model_id()
    encode_prompt(prompt, library.tokenizer(model_id), library.context_length(model_id))


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
) -> Step:
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
) -> Step:
    """Spin the wheel and add the token it stops at. `u` repeats a draw; else the server draws."""

    def stop_at(view: WheelView) -> ChosenToken:
        return view.draw(view.next_u() if u is None else u)

    return extend(session_id, rev, overrides, stop_at)


def undo(*, session_id: str, rev: int | None = None) -> Step:
    """Take the last token back. Raises `NothingToUndoError` where only the prompt is left."""
    before, after = change(session_id, rev, WheelSession.without_last_token)
    return Step(before, after, before.session.history[-1])


def rewind(*, session_id: str, num_kept: int, rev: int | None = None) -> SessionState:
    """Go back to just before the chosen token at index `num_kept`. Raises `InvalidInputError`
    where there is no such token."""
    return change(session_id, rev, lambda session: session.rewound_to(num_kept))[1]


def redo(*, session_id: str, rev: int | None = None) -> Step:
    """Put the token taken back last there again. Raises `NothingToRedoError`."""
    before, after = change(session_id, rev, WheelSession.with_token_redone)
    return Step(before, after, after.session.history[-1])


def delete_session(*, session_id: str, rev: int | None = None) -> None:
    store = runtime.current().store
    session_id = checked_id(session_id)
    store.delete(session_id, check=lambda session: require_rev(session, rev))
    session_index.remove_entry(session_id)


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
) -> Step:
    """Add the token that `choose` takes from the wheel of exactly the ids it is added to."""
    view: WheelView | None = None

    def with_token(session: WheelSession) -> WheelSession:
        nonlocal view
        settings = session.settings.with_overrides(overrides or {})
        view = compute_wheel(describe(session), settings)
        return session.with_token(choose(view))

    before, after = change(session_id, rev, with_token)
    expect_wheel(after)
    return Step(before, after, after.session.history[-1], view)


def change(
    session_id: str, rev: int | None, compute: Callable[[WheelSession], WheelSession]
) -> tuple[SessionState, SessionState]:
    """Replace a session by what `compute` makes of it; returns it before and after.

    Raises `StaleRevisionError` where `rev` is given and the session is at another.
    """
    current, session_id = runtime.current(), checked_id(session_id)
    give_up_at = time.monotonic() + current.request_timeout_s
    while time.monotonic() < give_up_at:
        old = current.store.load(session_id)
        require_rev(old, rev)
        now = utc_now()
        new, is_index_due = compute(old), session_index.is_due(old, now)
        if is_index_due:
            new = replace(new, indexed_at=now)
        stored = current.store.replace(old, new)
        if stored is not None:
            if is_index_due:
                session_index.write_entry(stored)
            return describe(old), describe(stored)
    raise EngineBusyError


def require_characters(prompt: str) -> None:
    max_characters = runtime.current().max_prompt_characters
    if not prompt.strip():
        raise EmptyPromptError
    if len(prompt) > max_characters:
        raise PromptTooLongError(
            f"The prompt has {len(prompt)} characters; at most {max_characters} are allowed."
        )


def encode_prompt(prompt: str, tokenizer: Tokenizer, context_length: int) -> tuple[int, ...]:
    token_ids = tokenizer.encode(prompt)
    if len(token_ids) >= context_length:
        raise PromptTooLongError(
            f"The prompt has {len(token_ids)} tokens; at most {context_length - 1} "
            "are allowed, so that one more fits into the context window."
        )
    return token_ids


def expect_wheel(state: SessionState) -> None:
    """Tell the engine that this text's wheel is the next to be looked at."""
    session = state.session
    if session.num_tokens < state.context_length:
        runtime.current().engine.look_ahead(session.model_id, session.token_ids)


def describe(session: WheelSession) -> SessionState:
    """Raises `ModelUnavailableError` also where the session's model is no longer on offer."""
    library, model_id = runtime.current().library, session.model_id
    try:
        return SessionState(session, library.tokenizer(model_id), library.context_length(model_id))
    except UnknownModelError:
        raise ModelUnavailableError(f"This server no longer offers {model_id}.") from None


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


def require_rev(session: WheelSession, rev: int | None) -> None:
    if rev is not None and rev != session.rev:
        raise StaleRevisionError(session.session_id, rev=rev, current_rev=session.rev)


def checked_id(session_id: str) -> str:
    """Only UUIDs can be sessions; anything else never reaches the store."""
    try:
        return str(uuid.UUID(session_id))
    except ValueError:
        raise SessionNotFoundError from None
