"""POST /api/sessions/{id}/set-prompt."""

import pytest

from tests.api.fakes import changed_runtime
from tests.api.helpers import (
    append,
    assert_error,
    assert_field_error,
    new_session,
    spin,
    state,
    wheel,
)

CONTEXT_LENGTH = 64


@pytest.fixture
def url(api):
    return new_session(api, prompt=None)


def set_prompt(api, url, prompt):
    return api.post_json(f"{url}/set-prompt", {"prompt": prompt})


def test_a_prompt_is_set(api, url, tokenizer):
    answer = set_prompt(api, url, "The cat sat on the")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) >= {"session_id", "current_text", "token_count", "message"}
    assert body["session_id"] == url.rpartition("/")[2]
    assert body["current_text"] == "The cat sat on the"
    assert body["token_count"] == len(tokenizer.encode("The cat sat on the"))
    assert body["message"] == "Prompt set successfully"
    assert state(api, url)["initial_prompt"] == "The cat sat on the"


def test_a_new_prompt_clears_the_history(api, session_url):
    spin(api, session_url)
    set_prompt(api, session_url, "Once upon a time")
    session = state(api, session_url)
    assert session["current_text"] == session["initial_prompt"] == "Once upon a time"
    assert session["token_history"] == []
    assert session["generation_count"] == 0


def test_the_same_prompt_again_starts_over(api, session_url):
    append(api, session_url, token_id=0)
    assert state(api, session_url)["ended"] is True
    set_prompt(api, session_url, "The cat sat on the")
    assert state(api, session_url)["token_history"] == []
    assert state(api, session_url)["ended"] is False


def test_a_new_prompt_keeps_the_settings_of_the_wheel(api, session_url):
    wheel(api, session_url, temperature=0.5)
    set_prompt(api, session_url, "Once")
    assert state(api, session_url)["settings"]["temperature"] == 0.5


@pytest.mark.parametrize(
    "prompt",
    [
        " The",
        "The ",
        "\n\tThe\r\n",
        "  double  spaces  ",
        "Hello , world ?",
        "naïve café",
        "日本語",
        "שלום",
        "🎉👩‍👩‍👧",
        "e\u0301",
        "\u200b\ufeff\u2028",
        "\x01\x7f",
        "'s n't  '",
        "<|endoftext|>",
        "a<|endoftext|>b",
        "<b>&amp;</b>",
    ],
    ids=ascii,
)
def test_a_prompt_is_kept_to_the_byte(api, url, prompt):
    answer = set_prompt(api, url, prompt)
    assert answer.status_code == 200, answer.content
    assert answer.json()["current_text"] == prompt
    assert state(api, url)["initial_prompt"] == prompt


def test_a_control_token_typed_in_a_prompt_is_plain_characters(api, url):
    answer = set_prompt(api, url, "a<|endoftext|>b").json()
    assert 0 not in answer["token_ids"]
    assert answer["token_count"] > 3
    assert state(api, url)["ended"] is False


@pytest.mark.parametrize("prompt", ["", " ", "   ", "\n", "\t \r\n", "\u2003"], ids=ascii)
def test_an_empty_prompt_is_refused_and_changes_nothing(api, session_url, prompt):
    before = state(api, session_url)
    error = assert_error(set_prompt(api, session_url, prompt), 400, "empty_prompt")
    assert error["detail"] == "Empty or invalid prompt"
    assert state(api, session_url) == before


@pytest.mark.parametrize("prompt", [None, 5, 0.5, True, ["a"], {"text": "a"}], ids=str)
def test_a_prompt_that_is_no_string_is_refused(api, url, prompt):
    assert_field_error(set_prompt(api, url, prompt), "prompt")


@pytest.mark.parametrize("prompt", ["a\0b", "\0", "\ud800", "a\udc00b", "\udc00\ud800"], ids=ascii)
def test_a_prompt_that_is_not_unicode_text_is_refused(api, url, prompt):
    assert_field_error(set_prompt(api, url, prompt), "prompt")


def test_an_escaped_surrogate_pair_is_one_character(api, url):
    answer = api.post_json(f"{url}/set-prompt", r'{"prompt": "\ud83d\ude00"}')
    assert answer.json()["current_text"] == "😀"


@pytest.mark.parametrize("body", [{}, {"text": "a"}, ""])
def test_a_prompt_must_be_given(api, url, body):
    assert_field_error(api.post_json(f"{url}/set-prompt", body), "prompt")


def test_a_prompt_of_4001_characters_is_refused_with_both_numbers(api, session_url):
    before = state(api, session_url)
    error = assert_error(set_prompt(api, session_url, "a" * 4001), 400, "prompt_too_long")
    assert "4001" in error["detail"]
    assert "4000" in error["detail"]
    assert "characters" in error["detail"]
    assert state(api, session_url) == before


@pytest.mark.parametrize("character", ["a", "é", "🎉"])
def test_a_prompt_of_4000_characters_is_not_too_long_by_its_characters(api, url, character):
    error = assert_error(set_prompt(api, url, character * 4000), 400, "prompt_too_long")
    assert "tokens" in error["detail"]


def test_the_largest_number_of_characters_is_accepted(api, url):
    with changed_runtime(max_prompt_characters=10):
        assert set_prompt(api, url, "!" * 10).status_code == 200
        assert_error(set_prompt(api, url, "!" * 11), 400, "prompt_too_long")


def test_a_prompt_of_a_full_context_is_refused_with_both_numbers(api, session_url):
    before = state(api, session_url)
    error = assert_error(set_prompt(api, session_url, "!" * CONTEXT_LENGTH), 400, "prompt_too_long")
    assert "64 tokens" in error["detail"]
    assert "63" in error["detail"]
    assert state(api, session_url) == before


def test_a_prompt_that_leaves_room_for_one_token_is_accepted(api, url):
    answer = set_prompt(api, url, "!" * (CONTEXT_LENGTH - 1))
    assert answer.json()["token_count"] == CONTEXT_LENGTH - 1
