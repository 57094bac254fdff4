"""Scores of a session's prompt: of each token but the first, given all before it."""

from wheel.domain.scored_text import TokenScore
from wheel.services.states import SessionState
from wheel.services.texts import cached_scores, token_scores

MAX_WAIT_S = 10.0  # for figures that the page does without if it has to


def prompt_scores(state: SessionState) -> list[TokenScore]:
    """Empty for a session with a counting model, which no other session may share through a cache.
    Raises `EngineBusyError`, `EngineFailedError` and `ModelUnavailableError`."""
    session = state.session
    if session.counted_text is not None:
        return []
    return token_scores(session.model_id, session.prompt_token_ids, max_wait_s=MAX_WAIT_S)


def known_prompt_scores(state: SessionState) -> list[TokenScore] | None:
    """The same if that takes no forward pass, else None."""
    session = state.session
    if session.counted_text is not None:
        return []
    return cached_scores(session.model_id, session.prompt_token_ids)
