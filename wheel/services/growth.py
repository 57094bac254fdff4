"""Two texts that grow from a session's text at the same time: one always takes the likeliest token,
one draws. Nothing is appended or stored."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from wheel import runtime
from wheel.domain.distribution import Distribution, FloatArray
from wheel.domain.grown_text import GrownText, GrownToken
from wheel.domain.simulated_draws import MAX_SEED
from wheel.domain.spin import draw_u
from wheel.errors import EngineBusyError
from wheel.services.simulations import require_in_range
from wheel.services.states import SessionState
from wheel.services.wheels import affinity_key, result_of

MAX_GROWN_TOKENS = 40  # 2.3 s of CPU time with SmolLM2, 11 s for thirty clients together


@dataclass(frozen=True)
class Growth:
    """Both texts are grown from the model's own distribution: at temperature 1, without filters.

    greedy   by the likeliest token at every step
    sampled  by draws that the seed determines, as in a session with this seed
    is_cut_short  whether the engine was too busy to let them grow further; another request goes on
                  from there, since the engine's cache has what was computed
    """

    state: SessionState
    seed: int
    greedy: GrownText
    sampled: GrownText
    is_cut_short: bool = False


def grow_texts(*, state: SessionState, seed: int, num_tokens: int = MAX_GROWN_TOKENS) -> Growth:
    """At most `num_tokens` tokens each; fewer if the model ends a text or its context window is
    full.

    Raises `InvalidFieldsError` for numbers out of range, `NoPromptError`, `ContextFullError`, and
    `EngineBusyError` if nothing grows within half of the time that a request may take.
    """
    require_in_range("seed", seed, 0, MAX_SEED)
    require_in_range("num_tokens", num_tokens, 1, MAX_GROWN_TOKENS)
    state.session.require_room(state.context_length)
    give_up_at = time.monotonic() + runtime.current().request_timeout_s / 2
    greedy = sampled = GrownText(state.session.token_ids, ())
    for draw_idx in range(num_tokens):
        try:
            after_greedy, after_sampled = next_distributions(state, (greedy, sampled), give_up_at)
        except EngineBusyError:
            if draw_idx == 0:
                raise
            return Growth(state, seed, greedy, sampled, is_cut_short=True)
        if after_greedy:
            greedy = greedy.with_token(GrownToken.at_rank(after_greedy, 0))
        if after_sampled:
            rank = after_sampled.rank_at(draw_u(seed=seed, draw_idx=draw_idx))
            sampled = sampled.with_token(GrownToken.at_rank(after_sampled, rank))
    return Growth(state, seed, greedy, sampled)


def next_distributions(
    state: SessionState, texts: Sequence[GrownText], give_up_at: float
) -> list[Distribution | None]:
    """Of the token after each text, computed together; None for a text that grows no more."""
    futures = [request_after(state, text) if can_grow(state, text) else None for text in texts]
    try:
        return list(distributions_of(futures, give_up_at))
    finally:
        for future in futures:
            if future is not None:
                future.cancel()  # of one that an error has left behind; no effect on the others


def distributions_of(
    futures: Sequence["Future[FloatArray] | None"], give_up_at: float
) -> Iterator[Distribution | None]:
    for future in futures:
        if future is None:
            yield None
        else:
            max_wait_s = max(0.0, give_up_at - time.monotonic())
            yield Distribution.from_logits(result_of(future, max_wait_s=max_wait_s))


def request_after(state: SessionState, text: GrownText) -> "Future[FloatArray]":
    return state.engine.next_logits(
        state.session.model_id, text.token_ids, affinity_key=affinity_key(state.session)
    )


def can_grow(state: SessionState, text: GrownText) -> bool:
    is_full = len(text.token_ids) >= state.context_length
    return not is_full and not has_ended(state, text)


def has_ended(state: SessionState, text: GrownText) -> bool:
    """Whether the model has ended the text."""
    return bool(text.added) and text.added[-1].token_id in state.tokenizer.end_of_text_ids
