"""A counting model beside the language model that has its tokenizer: wheels and stories of both
after the same beginning. Nothing is appended or stored."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from django.utils.translation import gettext_noop

from wheel import runtime
from wheel.domain.copied_runs import longest_copied_run
from wheel.domain.counting_model import CountingModel
from wheel.domain.simulated_draws import MAX_SEED
from wheel.domain.spin import draw_u
from wheel.domain.token import surprisal_bits
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS
from wheel.errors import EngineBusyError, InvalidInputError
from wheel.services.simulations import require_in_range
from wheel.services.states import SessionState, WheelView, describe
from wheel.services.wheels import compute_wheel, result_of
from wheel.sessions.store import StoredSession

NUM_GROWN_TOKENS = 24  # as many forward passes, each batched with those of other requests

NOT_COUNTED = gettext_noop("The model of this wheel was not made by counting.")


@dataclass(frozen=True)
class ModelPair:
    """The beginning is the session's prompt, and all wheels are the models' own."""

    state: SessionState
    model: CountingModel
    counting: WheelView
    language: WheelView


@dataclass(frozen=True)
class GrownStory:
    """steps        the drawn tokens
    model_bits      their surprisal to the language model, added up; infinite if it excludes one
    num_copied      the longest run of them that the counted text has
    num_unseen      how many of them the counted text does not have
    """

    state: SessionState
    steps: tuple[ChosenToken, ...]
    model_bits: float
    num_copied: int
    num_unseen: int

    @cached_property
    def text(self) -> str:
        """Without the beginning."""
        return self.state.tokenizer.decode(self.token_ids)

    @property
    def token_ids(self) -> tuple[int, ...]:
        return tuple(step.token_id for step in self.steps)

    @property
    def bits_per_token(self) -> float:
        return self.model_bits / len(self.steps)


def pair_models(*, state: SessionState) -> ModelPair:
    """Raises `InvalidInputError` for a session without a counting model, and what `next_wheel`
    raises."""
    counted_text = state.session.counted_text
    if counted_text is None:
        raise InvalidInputError(NOT_COUNTED)
    counting, language = beginning_of(state), of_language_model(beginning_of(state))
    return ModelPair(
        state,
        counted_text.model(),
        compute_wheel(counting, NEUTRAL_SETTINGS),
        compute_wheel(language, NEUTRAL_SETTINGS),
    )


def grow_stories(*, pair: ModelPair, seed: int) -> tuple[GrownStory, GrownStory]:
    """One of the counting model, one of the language model, with the same luck: the draws that the
    seed determines. Raises `InvalidFieldsError` for a seed out of range, and `EngineBusyError`,
    also if both together take longer than a request may."""
    require_in_range("seed", seed, 0, MAX_SEED)
    give_up_at = time.monotonic() + runtime.current().request_timeout_s
    counting, language = (
        tuple(draw_steps(view, seed, give_up_at)) for view in (pair.counting, pair.language)
    )
    own_bits = sum(surprisal_bits(step.log_prob or 0.0) for step in language)
    return (
        grown_story(pair, pair.counting.state, counting, score_steps(pair, counting)),
        grown_story(pair, pair.language.state, language, own_bits),
    )


def draw_steps(view: WheelView, seed: int, give_up_at: float) -> Iterator[ChosenToken]:
    """Fewer than `NUM_GROWN_TOKENS` if the model ends the text or its context window is full."""
    for draw_idx in range(NUM_GROWN_TOKENS):
        step = view.draw(draw_u(seed=seed, draw_idx=draw_idx))
        yield step
        if time.monotonic() > give_up_at:
            raise EngineBusyError
        state = with_token(view.state, step)
        if state.has_ended or not state.has_next_wheel:
            return
        view = compute_wheel(state, NEUTRAL_SETTINGS)


def score_steps(pair: ModelPair, steps: tuple[ChosenToken, ...]) -> float:
    """The surprisal, in bits, of these tokens after the beginning, to the language model."""
    session = pair.language.state.session
    token_ids = session.token_ids + tuple(step.token_id for step in steps)
    scores = result_of(pair.language.state.engine.score(session.model_id, token_ids))
    return sum(surprisal_bits(log_prob) for log_prob in scores.log_probs[-len(steps) :].tolist())


def grown_story(
    pair: ModelPair, state: SessionState, steps: tuple[ChosenToken, ...], model_bits: float
) -> GrownStory:
    token_ids = [step.token_id for step in steps]
    return GrownStory(
        state,
        steps,
        model_bits,
        longest_copied_run(pair.model.text, token_ids),
        int(np.count_nonzero(~np.isin(token_ids, pair.model.text))),
    )


def beginning_of(state: SessionState) -> SessionState:
    """The session as it was when only the prompt was there; without an id, as it is not stored."""
    return described(replace(state.session, session_id="", history=(), classroom_id=None))


def of_language_model(state: SessionState) -> SessionState:
    session = state.session
    return described(replace(session, model_id=session.tokenizer_model_id, counted_text=None))


def with_token(state: SessionState, step: ChosenToken) -> SessionState:
    session = state.session
    return described(replace(session, history=(*session.history, step)))


def described(session: WheelSession) -> SessionState:
    return describe(StoredSession(session, document=""))
