"""GET /api/sessions/{id}/next-token-probs."""

import math

import pytest

from tests.api.helpers import (
    WHEEL_TOKEN_FIELDS,
    append,
    assert_error,
    assert_field_error,
    new_session,
    ranked_tokens,
    state,
    wheel,
)

SETTINGS = [
    {},
    {"threshold": 0},
    {"threshold": 0.003},
    {"threshold": 0.2},
    {"threshold": 1},
    {"temperature": 0.01},
    {"temperature": 1e-300},
    {"temperature": 100},
    {"top_k": 1},
    {"top_k": 7, "threshold": 0},
    {"top_p": 0.5, "threshold": 0.001},
    {"top_p": 1e-9},
    {"min_p": 0.3},
    {"min_p": 1},
    {"temperature": 3, "top_k": 50, "top_p": 0.9, "min_p": 0.01, "threshold": 0.02},
]
every_setting = pytest.mark.parametrize("settings", SETTINGS, ids=str)


def get(api, url, query=""):
    return api.get(f"{url}/next-token-probs?{query}")


def test_the_wheel_is_served_with_the_defaults(api, session_url, vocabulary_size):
    answer = wheel(api, session_url)
    assert set(answer) >= {
        "session_id",
        "current_text",
        "threshold",
        "temperature",
        "top_k",
        "top_p",
        "min_p",
        "above_threshold_tokens",
        "other_category",
        "total_above_threshold_probability",
        "vocabulary_size",
    }
    assert set(answer["other_category"]) >= {"total_probability", "token_count", "sample_tokens"}
    for token in answer["above_threshold_tokens"] + answer["other_category"]["sample_tokens"]:
        assert set(token) >= WHEEL_TOKEN_FIELDS
    assert answer["session_id"] == session_url.rpartition("/")[2]
    assert answer["current_text"] == "The cat sat on the"
    assert answer["vocabulary_size"] == vocabulary_size
    assert len(answer["other_category"]["sample_tokens"]) == 10
    settings = [answer[name] for name in ("threshold", "temperature", "top_k", "top_p", "min_p")]
    assert settings == [0.01, 1.0, 0, 1.0, 0.0]


@every_setting
def test_above_and_other_make_the_whole_wheel(api, session_url, settings):
    answer = wheel(api, session_url, **settings)
    above, other = answer["above_threshold_tokens"], answer["other_category"]
    total = answer["total_above_threshold_probability"] + other["total_probability"]
    assert abs(total - 1) <= 1e-9
    assert len(above) + other["token_count"] == answer["vocabulary_size"]
    probs = [token["probability"] for token in above]
    assert math.fsum(probs) == pytest.approx(answer["total_above_threshold_probability"], abs=1e-9)
    assert all(prob >= answer["threshold"] for prob in probs)
    assert all(t["probability"] < answer["threshold"] for t in other["sample_tokens"])


@every_setting
def test_tokens_come_by_descending_probability_and_ties_by_id(api, session_url, settings):
    """Those at probability 0 come last, by that of the model's own distribution."""
    answer = wheel(api, session_url, other_top_k=100, **settings)
    tokens = answer["above_threshold_tokens"] + answer["other_category"]["sample_tokens"]
    order = [
        (-token["probability"], -token["raw_probability"], token["token_id"]) for token in tokens
    ]
    assert order == sorted(order)
    assert [token["rank"] for token in tokens] == list(range(1, len(tokens) + 1))


@every_setting
def test_logarithm_and_surprisal_agree_with_the_probability(api, session_url, settings):
    for token in wheel(api, session_url, **settings)["above_threshold_tokens"]:
        if token["log_probability"] is None:
            assert token["probability"] == 0
            assert token["surprisal_bits"] is None
        else:
            assert math.exp(token["log_probability"]) == pytest.approx(token["probability"])
            assert token["surprisal_bits"] == pytest.approx(-token["log_probability"] / math.log(2))


def test_a_threshold_of_0_returns_the_whole_vocabulary(api, session_url, vocabulary_size):
    answer = wheel(api, session_url, threshold=0)
    ids = sorted(token["token_id"] for token in answer["above_threshold_tokens"])
    assert ids == list(range(vocabulary_size))
    assert answer["other_category"] == {
        "total_probability": 0.0,
        "token_count": 0,
        "sample_tokens": [],
    }


def test_a_threshold_of_1_puts_every_token_into_other(api, session_url, vocabulary_size):
    answer = wheel(api, session_url, threshold=1)
    assert answer["above_threshold_tokens"] == []
    assert answer["other_category"]["token_count"] == vocabulary_size
    assert answer["other_category"]["total_probability"] == pytest.approx(1, abs=1e-9)


def test_a_token_exactly_at_the_threshold_is_above_it(api, session_url):
    third = ranked_tokens(api, session_url)[2]
    answer = wheel(api, session_url, threshold=repr(third["probability"]))
    assert [t["token_id"] for t in answer["above_threshold_tokens"]][-1] == third["token_id"]


@pytest.mark.parametrize("other_top_k", [0, 1, 10, 99, 100])
def test_other_lists_as_many_tokens_as_asked_for(api, session_url, other_top_k):
    answer = wheel(api, session_url, threshold=1, other_top_k=other_top_k)
    assert len(answer["other_category"]["sample_tokens"]) == other_top_k


def test_other_lists_no_more_tokens_than_it_holds(api, session_url):
    fourth_last = ranked_tokens(api, session_url)[-4]
    answer = wheel(api, session_url, threshold=repr(fourth_last["probability"]), other_top_k=100)
    assert len(answer["other_category"]["sample_tokens"]) == 3


def test_a_wheel_without_a_prompt_is_refused(api):
    error = assert_error(get(api, new_session(api, prompt=None)), 400, "no_prompt")
    assert error["detail"] == "No prompt set yet"


def test_a_full_context_is_refused_with_both_numbers_until_an_undo(api):
    url = new_session(api, "!" * 63)
    append(api, url, token_id=7)
    assert "64 of 64" in assert_error(get(api, url), 400, "context_full")["detail"]
    api.post_json(f"{url}/undo")
    assert get(api, url).status_code == 200


def test_a_refused_wheel_is_not_remembered(api, session_url):
    before = state(api, session_url)
    assert_field_error(get(api, session_url, "temperature=0.5&top_k=100000"), "top_k")
    assert state(api, session_url) == before
