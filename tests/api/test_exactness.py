"""Probabilities of the wheel against a plain forward pass over the same token ids."""

import numpy as np
import pytest

from tests.api.helpers import append, new_session, ranked_tokens, spin, token_ids

PROMPTS = [
    "The",
    " x",
    "a",
    "The cat sat on the",
    "The capital of France is",
    "The capital of Italy is Rome.",
    "Once upon a time",
    "  two  spaces",
    "trailing space ",
    "\n\nnew lines\n",
    "tabs\t\tand\r\nmore",
    "UPPER lower MiXeD",
    "12345 67.89 -1e5",
    "!?;:,.()[]{}<>",
    "def f(x):\n    return x",
    "naïve café",
    "日本語",
    "שלום",
    "🎉👩‍👩‍👧",
    "<|endoftext|>",
]


def probs_by_id(api, url):
    tokens = ranked_tokens(api, url)
    probs = np.full(len(tokens), np.nan)
    for token in tokens:
        probs[token["token_id"]] = token["probability"]
    return probs


@pytest.mark.parametrize("prompt", PROMPTS, ids=ascii)
def test_probabilities_are_those_of_plain_transformers(api, reference_probs, prompt):
    url = new_session(api, prompt)
    assert_exact(api, url, reference_probs)
    for number in range(10):
        spin(api, url, u=(0.07 + number * 0.3819) % 1, temperature=1.5)
    assert_exact(api, url, reference_probs)
    api.post_json(f"{url}/undo")
    assert_exact(api, url, reference_probs)
    append(api, url, token_id=5)
    assert_exact(api, url, reference_probs)


def assert_exact(api, url, reference_probs):
    expected = reference_probs(token_ids(api, url))
    assert np.abs(probs_by_id(api, url) - expected).max() <= 1e-5


def test_each_chosen_token_keeps_the_probability_it_had(api, reference_probs):
    url = new_session(api)
    ids = token_ids(api, url)
    for u in (0.2, 0.6, 0.95):
        token = spin(api, url, u=u)["appended_token"]
        expected = reference_probs(ids)[token["token_id"]]
        assert token["probability"] == pytest.approx(expected, abs=1e-5)
        ids.append(token["token_id"])
    history = api.get(url).json()["token_history"]
    assert [item["token_id"] for item in history] == ids[-3:]


def test_two_sessions_on_one_text_have_the_same_wheel(api):
    assert ranked_tokens(api, new_session(api)) == ranked_tokens(api, new_session(api))
