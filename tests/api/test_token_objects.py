"""Token objects in every answer: their bytes, raw probabilities and ranks."""

import pytest

from tests.api.helpers import WHEEL_TOKEN_FIELDS, append, ranked_tokens, spin, state, wheel

FILTERS = [{"top_k": 3}, {"top_p": 0.2}, {"min_p": 0.5}, {"temperature": 0.001}]


@pytest.fixture
def story(api, session_url):
    """The answers that carry chosen tokens: spin, append-token, undo, and the session."""
    spun = spin(api, session_url, u=0.3, temperature=1.5)
    drawn = append(api, session_url, category="other", top_k=0, temperature=1)
    picked = append(api, session_url, token_id=200)
    history = state(api, session_url)["token_history"]
    undone = api.post_json(f"{session_url}/undo").json()
    return {
        "spin": [spun["appended_token"], *spun["token_history"]],
        "append-token": [drawn["appended_token"], picked["appended_token"]],
        "session": history,
        "undo": [undone["removed_token"], *undone["token_history"]],
    }


@pytest.mark.parametrize("name", ["spin", "append-token", "session", "undo"])
def test_a_chosen_token_has_its_bytes_and_its_raw_probability(story, tokenizer, name):
    for token in story[name]:
        assert set(token) >= WHEEL_TOKEN_FIELDS
        assert bytes.fromhex(token["bytes"]) == tokenizer.token(token["token_id"]).token_bytes
        assert token["bytes"] == token["bytes"].lower()
        assert 0 < token["raw_probability"] < 1


def test_the_raw_probability_of_a_chosen_token_is_that_of_its_wheel(api, session_url):
    shown = {token["token_id"]: token for token in ranked_tokens(api, session_url, temperature=2)}
    token = spin(api, session_url, u=0.4)["appended_token"]
    assert token["raw_probability"] == shown[token["token_id"]]["raw_probability"]
    assert token["raw_probability"] != token["probability"]


def test_bytes_tell_all_tokens_of_the_vocabulary_apart(api, session_url):
    tokens = ranked_tokens(api, session_url)
    assert len({token["bytes"] for token in tokens}) == len(tokens)
    assert len({token["token_text"] for token in tokens}) < len(tokens)


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_removed_token_has_its_rank_in_the_models_own_distribution(api, session_url, filters):
    raw_ranks = {token["token_id"]: token["rank"] for token in ranked_tokens(api, session_url)}
    shown = ranked_tokens(api, session_url, **filters)
    removed = [token for token in shown if token["probability"] == 0]
    assert len(removed) > 300
    assert all(token["rank"] == raw_ranks[token["token_id"]] for token in removed)
    assert [token["rank"] for token in shown] == list(range(1, len(shown) + 1))


def test_the_first_removed_tokens_are_those_that_the_model_ranks_next(api, session_url):
    by_model = [token["token_id"] for token in ranked_tokens(api, session_url)]
    other = wheel(api, session_url, top_k=3, threshold=0)["above_threshold_tokens"][3:13]
    assert [token["token_id"] for token in other] == by_model[3:13]
    sample = wheel(api, session_url, top_k=3, threshold=1e-9)["other_category"]["sample_tokens"]
    assert [token["token_id"] for token in sample] == by_model[3:13]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_removed_token_that_is_picked_keeps_that_rank(api, session_url, filters):
    token = ranked_tokens(api, session_url)[250]
    change = append(api, session_url, token_id=token["token_id"], **filters)
    assert change["appended_token"]["probability"] == 0
    assert change["appended_token"]["rank"] == token["rank"] == 251
    assert change["token_history"][-1]["rank"] == 251
    assert change["appended_token"]["raw_probability"] == token["raw_probability"]
