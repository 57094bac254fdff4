"""Scores of a session's prompt: of each token but the first, given all before it."""

from wheel.domain.scored_text import TokenScore
from wheel.services.states import SessionState
from wheel.services.texts import cached_scores, token_scores

MAX_WAIT_S = 10.0  # for figures that the page does without if it has to


def prompt_scores(state: SessionState) -> list[TokenScore]:
    """Raises `EngineBusyError`, `EngineFailedError` and `ModelUnavailableError`."""
    session = state.session
    return token_scores(session.model_id, session.prompt_token_ids, max_wait_s=MAX_WAIT_S)


def known_prompt_scores(state: SessionState) -> list[TokenScore] | None:
    """The same if that takes no forward pass, else None."""
    return cached_scores(state.session.model_id, state.session.prompt_token_ids)
