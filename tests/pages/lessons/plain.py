"""Plain numpy figures from the engine's logits, to compare with those that the lessons show."""

import re
from html import unescape

import numpy as np

from wheel import services

TAGS = re.compile(r"<[^>]+>")
SPACES = re.compile(r"\s+")


def text_of(html):
    """The words of a page, with single spaces between them."""
    return SPACES.sub(" ", unescape(TAGS.sub(" ", html)))


def rows_of(html):
    """The cells of each table row, as text."""
    return [
        [text_of(cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    ]


def plain_probs(engine, token_ids):
    """(vocabulary_size,) float64: the model's own distribution after these tokens."""
    logits = np.array(engine.next_logits("gpt2", tuple(token_ids)).result(60), dtype=np.float64)
    shares = np.exp(logits - logits.max())
    return shares / shares.sum()


def ranked(probs):
    """The token ids by descending probability, ties by id."""
    return sorted(range(len(probs)), key=lambda token_id: (-probs[token_id], token_id))


def entropy_of(probs):
    return float(-(probs * np.log2(probs)).sum())


def token_ids_of(session_id):
    return services.get_session(session_id=session_id).session.token_ids


def state_of(session_id):
    """The session without its last access, which every use moves."""
    session = services.get_session(session_id=session_id).session
    return session.rev, session.history, session.settings, session.num_draws
