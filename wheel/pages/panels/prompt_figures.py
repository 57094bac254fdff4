"""The figures of the prompt's tokens, which a wheel page requests after it is shown."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.crypto import salted_hmac

from wheel.domain.scored_text import TokenScore
from wheel.pages.panels.story import prompt_chips
from wheel.services import SessionState

SALT = "wheel.pages.panels.prompt_figures"
KEY_LEN = 16


def prompt_figures_url(state: SessionState) -> str:
    """For the script of a page that shows this prompt."""
    address = reverse("prompt-figures", args=[state.session.session_id])
    return f"{address}?{urlencode({'prompt': prompt_key(state)})}"


def prompt_key(state: SessionState) -> str:
    """The same for the same prompt of the same session. It tells nothing about the text."""
    session = state.session
    value = f"{session.session_id} {session.prompt_token_ids}"
    return salted_hmac(SALT, value, algorithm="sha256").hexdigest()[:KEY_LEN]


def prompt_figures(state: SessionState, scores: Sequence[TokenScore]) -> dict[str, object]:
    """For each token of the prompt its level of surprise, and the two lines of its tooltip."""
    chips = prompt_chips(state, scores)
    return {"chips": [{"level": chip.surprise_level, "title": chip.title} for chip in chips]}
