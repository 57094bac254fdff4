"""Guesses: a token is named before its wheel is shown, then the wheel is spun."""

from collections.abc import Sequence
from dataclasses import replace

from wheel.domain.guess import Guess
from wheel.domain.wheel_session import WheelSession
from wheel.services.changes import change
from wheel.services.membership import permitted_settings
from wheel.services.repeated_requests import describe_past
from wheel.services.sessions import get_session
from wheel.services.states import SessionState, TokenChange, WheelView
from wheel.services.wheels import (
    compute_wheel,
    logits_of,
    prefetch_wheel,
    request_logits,
    wheel_of,
)


def guess(*, session_id: str, token_id: int, rev: int) -> TokenChange:
    """Note a guess of the next token and spin the wheel, in one change.

    Raises `NoGuessesLeftError`, `InvalidTokenIdError`, `StaleRevisionError` unless the session is
    at `rev`, and what `spin` raises.
    """

    def guess_and_spin(state: SessionState) -> tuple[WheelSession, WheelView]:
        session = state.session
        state.tokenizer.token(token_id)
        view = compute_wheel(state, permitted_settings(state.member, session.settings, ()))
        guessed = Guess.on(view.raw, token_id, position=len(session.history))
        return session.with_guess(guessed).with_token(view.draw(view.next_u())), view

    done = change(get_session(session_id=session_id).stored, rev, guess_and_spin)
    prefetch_wheel(done.after)
    chosen, view = done.after.session.history[-1], done.result
    return TokenChange(done.before, done.after, chosen, view, view.other_share(chosen))


def past_wheels(*, state: SessionState, positions: Sequence[int]) -> list[WheelView]:
    """The wheels that chosen tokens were chosen from. positions: the numbers of chosen tokens
    before them. The engine computes them together. Raises `EngineBusyError`."""
    history = state.session.history
    states = [
        describe_past(replace(state.session, history=history[:position])) for position in positions
    ]
    futures = [request_logits(past) for past in states]
    return [
        wheel_of(past, history[position].settings, logits_of(future))
        for past, position, future in zip(states, positions, futures, strict=True)
    ]
