"""GET /api/sessions/{id}."""

from tests.api.fakes import store_later
from tests.api.helpers import (
    HISTORY_FIELDS,
    append,
    is_timestamp,
    new_session,
    spin,
    state,
    wheel,
)


def test_a_read_returns_the_current_session(api, session_url):
    change = spin(api, session_url, u=0.5)
    answer = api.get(session_url)
    assert answer.status_code == 200
    session = answer.json()
    assert set(session) >= {
        "session_id",
        "model_name",
        "initial_prompt",
        "current_text",
        "token_history",
        "generation_count",
        "created_at",
        "last_accessed",
    }
    assert session["session_id"] == session_url.rpartition("/")[2]
    assert session["model_name"] == "gpt2"
    assert session["initial_prompt"] == "The cat sat on the"
    assert session["current_text"] == change["current_text"]
    assert session["token_history"] == change["token_history"]
    assert session["generation_count"] == 1
    assert is_timestamp(session["created_at"])
    assert is_timestamp(session["last_accessed"])
    assert session["created_at"] <= session["last_accessed"]


def test_the_history_lists_each_choice_with_its_time(api, session_url):
    spin(api, session_url, u=0.1)
    append(api, session_url, token_id=7)
    history = state(api, session_url)["token_history"]
    for item in history:
        assert set(item) >= HISTORY_FIELDS
        assert is_timestamp(item["selected_at"])
    assert history[0]["selected_at"] < history[1]["selected_at"]
    assert [item["spin"] is None for item in history] == [False, True]


def test_a_history_item_is_the_token_that_was_appended(api, session_url):
    appended = append(api, session_url, token_id=7)["appended_token"]
    item = state(api, session_url)["token_history"][0]
    assert {name: item[name] for name in appended} == appended


def test_the_ids_are_those_of_the_prompt_and_of_the_chosen_tokens(api, session_url, tokenizer):
    append(api, session_url, token_id=7)
    session = state(api, session_url)
    assert session["prompt_token_ids"] == list(tokenizer.encode("The cat sat on the"))
    assert session["token_ids"] == [*session["prompt_token_ids"], 7]


def test_a_read_moves_last_accessed_to_now(api, session_url):
    before = api.get(session_url).json()["last_accessed"]
    with store_later(minutes=10):
        later = api.get(session_url).json()
    assert later["last_accessed"] > before
    assert later["created_at"] < later["last_accessed"]


def test_the_settings_are_those_of_the_wheel_last_served(api, session_url):
    neutral = {"threshold": 0.01, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
    assert state(api, session_url)["settings"] == neutral
    wheel(api, session_url, temperature=0.5, top_k=3)
    assert state(api, session_url)["settings"] == neutral | {"temperature": 0.5, "top_k": 3}


def test_the_context_length_is_that_of_the_model(api, session_url):
    assert state(api, session_url)["context_length"] == 64


def test_a_read_changes_nothing_but_the_time_of_the_last_access(api, session_url):
    spin(api, session_url)
    assert state(api, session_url) == state(api, session_url)


def test_a_session_without_a_prompt_has_no_text(api):
    session = state(api, new_session(api, prompt=None))
    assert session["initial_prompt"] == session["current_text"] == ""
    assert session["token_ids"] == []
