"""POST /api/sessions/{id}/append-token."""

import re

import pytest

from tests.api.helpers import (
    APPENDED_FIELDS,
    CHOSEN_FIELDS,
    OTHER_INFO_FIELDS,
    append,
    assert_error,
    assert_field_error,
    new_session,
    ranked_tokens,
    state,
    wheel,
)


@pytest.fixture
def ranked(api, session_url):
    """The tokens of the session's wheel by rank; the wheel last served has the defaults."""
    tokens = ranked_tokens(api, session_url)
    wheel(api, session_url)
    return tokens


def post(api, url, **body):
    return api.post_json(f"{url}/append-token", body)


def test_a_token_is_appended_by_its_id(api, session_url, ranked):
    change = append(api, session_url, token_id=ranked[0]["token_id"])
    assert set(change) >= APPENDED_FIELDS
    token = change["appended_token"]
    assert set(token) >= CHOSEN_FIELDS
    assert token["token_id"] == ranked[0]["token_id"]
    assert token["token_text"] == ranked[0]["token_text"]
    assert token["probability"] == ranked[0]["probability"]
    assert (token["category"], token["sampled_from_other"]) == ("above_threshold", None)
    assert change["previous_text"] == "The cat sat on the"
    assert change["current_text"] == "The cat sat on the" + token["token_text"]
    assert [item["token_id"] for item in change["token_history"]] == [token["token_id"]]
    assert change["other_category_info"] is None
    assert change["spin"] is None
    assert change["ended"] is False


def test_a_token_is_appended_by_its_text(api, session_url, tokenizer):
    token = append(api, session_url, token_text=" mat")["appended_token"]
    assert token["token_text"] == " mat"
    assert token["token_id"] == tokenizer.encode(" mat")[0]


def test_a_picked_token_below_the_threshold_is_other_but_was_not_drawn(api, session_url, ranked):
    change = append(api, session_url, token_id=ranked[-1]["token_id"])
    assert change["appended_token"]["category"] == "other"
    assert change["appended_token"]["sampled_from_other"] is None
    assert change["other_category_info"] is None


def test_the_category_other_draws_below_the_threshold(api, session_url, vocabulary_size):
    served = wheel(api, session_url, threshold=0.05)
    above = {token["token_id"] for token in served["above_threshold_tokens"]}
    for _ in range(20):
        change = append(api, session_url, category="other")
        token, info = change["appended_token"], change["other_category_info"]
        assert token["token_id"] not in above
        assert (token["category"], token["sampled_from_other"]) == ("other", True)
        assert set(info) >= OTHER_INFO_FIELDS
        assert info["total_probability"] == served["other_category"]["total_probability"]
        assert info["token_count"] == served["other_category"]["token_count"]
        assert len(above) < info["selected_token_rank"] <= vocabulary_size
        assert info["selected_token_rank"] == token["rank"]
        assert change["spin"]["segment_index"] == len(above)
        api.post_json(f"{session_url}/undo")


def test_no_token_of_probability_0_is_ever_drawn_from_other(api, session_url, ranked):
    wheel(api, session_url, threshold=1, top_k=2)
    kept = {ranked[0]["token_id"], ranked[1]["token_id"]}
    for _ in range(20):
        assert append(api, session_url, category="other")["appended_token"]["token_id"] in kept
        api.post_json(f"{session_url}/undo")


@pytest.mark.parametrize(
    "settings", [{"threshold": 0}, {"top_k": 1}, {"threshold": 1e-9, "top_k": 2}], ids=str
)
def test_a_draw_from_an_empty_other_is_refused(api, session_url, settings):
    wheel(api, session_url, **settings)
    before = state(api, session_url)
    assert_error(post(api, session_url, category="other"), 400, "no_other_tokens")
    assert state(api, session_url) == before


def test_a_category_wins_over_id_and_text_and_null_is_the_same_as_nothing(api, session_url):
    change = append(api, session_url, category="other", token_id=10**9, token_text="no such")
    assert change["appended_token"]["sampled_from_other"] is True
    assert append(api, session_url, category=None, token_id=5)["appended_token"]["token_id"] == 5
    change = append(api, session_url, token_id=None, token_text=" mat")
    assert change["appended_token"]["token_text"] == " mat"


def test_id_and_text_together_must_agree(api, session_url, tokenizer):
    text = tokenizer.token(300).token_text
    assert append(api, session_url, token_id=300, token_text=text)["token_history"]
    before = state(api, session_url)
    for wrong in (text + "x", "", text.upper() + "!", "<|endoftext|>"):
        error = assert_error(
            post(api, session_url, token_id=300, token_text=wrong), 400, "token_mismatch"
        )
        assert "300" in error["detail"]
    assert state(api, session_url) == before


@pytest.mark.parametrize("token_id", [-1, -(10**30), 10**9, 10**30], ids=str)
def test_an_id_outside_the_vocabulary_is_refused(api, session_url, vocabulary_size, token_id):
    before = state(api, session_url)
    error = assert_error(post(api, session_url, token_id=token_id), 400, "invalid_token_id")
    assert str(vocabulary_size - 1) in error["detail"]
    assert state(api, session_url) == before


def test_ids_go_from_0_to_the_last_of_the_vocabulary(api, session_url, vocabulary_size):
    for token_id in (0, vocabulary_size - 1):
        assert append(api, session_url, token_id=token_id)["appended_token"]["token_id"] == token_id
    assert_error(post(api, session_url, token_id=vocabulary_size), 400, "invalid_token_id")


@pytest.mark.parametrize("token_id", [1.5, True, False, "five", "", [5], {"id": 5}], ids=str)
def test_an_id_that_is_no_integer_is_refused(api, session_url, token_id):
    assert_field_error(post(api, session_url, token_id=token_id), "token_id")


@pytest.mark.parametrize(
    "text", ["", " mat mat", "The cat sat", "zzz", "🎉", "��", "<|endoftext|>"], ids=ascii
)
def test_a_text_that_is_not_exactly_one_token_is_refused(api, session_url, text):
    before = state(api, session_url)
    assert_error(post(api, session_url, token_text=text), 400, "not_one_token")
    assert state(api, session_url) == before


def test_a_text_that_several_tokens_share_is_refused_and_the_candidates_are_named(
    api, session_url, tokenizer
):
    candidates = [t.token_id for t in tokenizer.tokens if t.token_text == "\ufffd"]
    before = state(api, session_url)
    answer = post(api, session_url, token_text="\ufffd")
    error = assert_error(answer, 400, "ambiguous_token_text")
    assert str(len(candidates)) in error["detail"]
    assert list(error["errors"]) == ["token_text"]
    _, named = error["errors"]["token_text"]
    assert [int(number) for number in re.findall(r"\d+", named)] == candidates
    assert state(api, session_url) == before


def test_id_and_text_together_are_enough_for_a_text_that_several_tokens_share(
    api, session_url, tokenizer
):
    first, second = [t.token_id for t in tokenizer.tokens if t.token_text == "\ufffd"][:2]
    for token_id in (second, first):
        token = append(api, session_url, token_id=token_id, token_text="\ufffd")["appended_token"]
        assert token["token_id"] == token_id
        assert bytes.fromhex(token["bytes"]) == tokenizer.token(token_id).token_bytes


@pytest.mark.parametrize(
    "text", [5, 0.5, True, [" mat"], {}, "\0", "\ud800", "a" * 4001], ids=lambda t: ascii(t)[:20]
)
def test_a_text_that_is_not_unicode_text_is_refused(api, session_url, text):
    assert_field_error(post(api, session_url, token_text=text), "token_text")


@pytest.mark.parametrize(
    "category", ["above_threshold", "Other", "", 5, True, ["other"], {}], ids=str
)
def test_a_category_other_than_other_is_refused(api, session_url, category):
    assert_field_error(post(api, session_url, category=category, token_id=5), "category")


@pytest.mark.parametrize("body", [{}, {"token_id": None}, {"u": 0.5}, ""], ids=str)
def test_a_body_without_a_token_is_refused(api, session_url, body):
    assert_error(api.post_json(f"{session_url}/append-token", body), 400, "invalid")


@pytest.mark.parametrize("body", [{"token_id": 5}, {"token_text": " mat"}, {"category": "other"}])
def test_a_token_cannot_be_appended_before_a_prompt(api, body):
    assert_error(post(api, new_session(api, prompt=None), **body), 400, "no_prompt")


@pytest.mark.parametrize("body", [{"token_id": 5}, {"token_text": " mat"}, {"category": "other"}])
def test_a_full_context_takes_no_more_tokens(api, body):
    url = new_session(api, "!" * 63)
    append(api, url, token_id=5)
    before = state(api, url)
    assert "64 of 64" in assert_error(post(api, url, **body), 400, "context_full")["detail"]
    assert state(api, url) == before
