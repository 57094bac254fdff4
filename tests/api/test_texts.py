"""POST /api/tokenize and POST /api/score: any text, without a session."""

import math

import pytest

from tests.api.fakes import (
    changed_runtime,
    engine_that_raises,
    engine_without_answer,
    store_down,
)
from tests.api.helpers import assert_error, assert_field_error
from wheel.errors import EngineBusyError, EngineFailedError, ModelUnavailableError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2

TEXTS = ["The cat sat on the mat", "a", "  two  spaces ", "Zoë 😀 naïve\n\tend", "x = [1, 2]"]


def post(api, name, **body):
    answer = api.post_json(f"/api/{name}", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize("text", TEXTS)
def test_the_tokens_are_those_of_the_text(api, tokenizer, text):
    answer = post(api, "tokenize", text=text)
    assert answer["model_name"] == "gpt2"
    assert tuple(token["token_id"] for token in answer["tokens"]) == tokenizer.encode(text)
    assert bytes.fromhex("".join(token["bytes"] for token in answer["tokens"])).decode() == text
    assert answer["num_tokens"] == len(answer["tokens"])
    assert answer["num_characters"] == len(text)


@pytest.mark.parametrize("text", TEXTS)
def test_the_score_of_each_token_is_that_of_plain_transformers(
    api, tokenizer, reference_probs, text
):
    answer = post(api, "score", text=text)
    token_ids = tokenizer.encode(text)
    first, *others = answer["tokens"]
    assert first["token_id"] == token_ids[0]
    assert [first[name] for name in ("probability", "surprisal_bits", "rank")] == [None] * 3
    bits = 0.0
    for position, token in enumerate(others, start=1):
        probs = reference_probs(token_ids[:position])
        assert token["token_id"] == token_ids[position]
        assert token["probability"] == pytest.approx(probs[token_ids[position]], abs=1e-5)
        assert token["surprisal_bits"] == pytest.approx(-math.log2(token["probability"]))
        assert token["rank"] == 1 + sum(probs > probs[token_ids[position]])
        assert token["expected"]["token_id"] == probs.argmax()
        assert token["expected"]["probability"] == pytest.approx(probs.max(), abs=1e-5)
        bits += token["surprisal_bits"]
    assert answer["total_bits"] == pytest.approx(bits)
    if others:
        assert answer["bits_per_character"] == pytest.approx(bits / len(text))
        assert answer["perplexity"] == pytest.approx(2 ** (bits / len(others)))
    else:
        assert answer["bits_per_character"] is answer["perplexity"] is None


def test_scoring_starts_no_session(api):
    post(api, "score", text="The cat sat")
    assert api.get("/api/sessions").status_code in (404, 405)


@pytest.mark.parametrize("name", ["tokenize", "score"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"text": ""}, 400, "empty_prompt"),
        ({"text": "  "}, 400, "empty_prompt"),
        ({"text": "a" * 4001}, 400, "prompt_too_long"),
        ({"text": 3}, 400, "invalid"),
        ({"text": "a", "model_name": "no"}, 400, "unknown_model"),
        ({"text": "a", "model_name": "gpt2-medium"}, 503, "model_unavailable"),
    ],
)
def test_a_wrong_request_is_explained(api, name, body, status, code):
    answer = api.post_json(f"/api/{name}", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_text_that_the_model_cannot_read_at_once_is_refused(api, tokenizer):
    text = "The cat sat on the mat and the dog sat on the log. " * 10
    assert len(tokenizer.encode(text)) > 65
    answer = api.post_json("/api/score", {"text": text})
    assert (answer.status_code, answer.json()["code"]) == (400, "prompt_too_long")
    assert post(api, "tokenize", text=text)["num_tokens"] > 65


TOKEN_FIELDS = {"token_id", "token_text", "display_text", "bytes", "is_special"}
FIGURES = {"probability", "surprisal_bits", "rank", "expected"}


def test_the_answer_of_tokenize_has_the_fields_of_the_contract(api):
    answer = post(api, "tokenize", text="The cat")
    assert set(answer) == {"model_name", "tokens", "num_tokens", "num_characters"}
    assert all(set(token) == TOKEN_FIELDS for token in answer["tokens"])


def test_the_answer_of_score_has_the_fields_of_the_contract(api):
    answer = post(api, "score", text="The cat")
    assert set(answer) == {
        *("model_name", "tokens", "total_bits", "bits_per_character", "perplexity")
    }
    first, *others = answer["tokens"]
    assert len(others) > 0
    assert all(set(token) == TOKEN_FIELDS | FIGURES for token in answer["tokens"])
    assert {first[name] for name in FIGURES} == {None}
    assert all(None not in token.values() for token in others)
    assert all(set(token["expected"]) == TOKEN_FIELDS | {"probability"} for token in others)


def test_both_calls_read_the_same_tokens(api):
    tokens = post(api, "tokenize", text=TEXTS[3])["tokens"]
    scored = post(api, "score", text=TEXTS[3])["tokens"]
    assert [{name: token[name] for name in TOKEN_FIELDS} for token in scored] == tokens


def test_a_character_of_several_bytes_is_one_character(api):
    assert post(api, "tokenize", text="é😀")["num_characters"] == 2


def test_the_name_of_a_control_token_is_plain_text(api):
    tokens = post(api, "tokenize", text="<|endoftext|>")["tokens"]
    assert len(tokens) > 1
    assert not any(token["is_special"] for token in tokens)


@pytest.mark.parametrize("name", ["tokenize", "score"])
def test_the_default_model_is_used_where_none_is_named(api, name):
    named = post(api, name, text="The cat", model_name="gpt2")
    assert post(api, name, text="The cat") == named
    assert post(api, name, text="The cat", model_name=None) == named


@pytest.mark.parametrize("name", ["tokenize", "score"])
@pytest.mark.parametrize("value", ["null", "5", "true", "[]", '["a"]', "{}", '"a\\ud800"'])
def test_a_text_that_is_none_is_refused_with_the_name_of_its_field(api, name, value):
    assert_field_error(api.post_json(f"/api/{name}", f'{{"text": {value}}}'), "text")


@pytest.mark.parametrize("name", ["tokenize", "score"])
@pytest.mark.parametrize("value", ["5", "true", "[]", "{}"])
def test_a_model_name_that_is_no_string_is_refused(api, name, value):
    body = f'{{"text": "a", "model_name": {value}}}'
    assert_field_error(api.post_json(f"/api/{name}", body), "model_name")


def test_characters_that_the_vocabulary_lacks_are_named(api, catalog, monkeypatch):
    tokenizer = catalog.tokenizer("gpt2")
    monkeypatch.setattr(tokenizer, "decode", lambda _: "another text")
    error = assert_field_error(api.post_json("/api/tokenize", {"text": "a"}), "text")
    assert "no tokens for some of these characters" in error["detail"]


@pytest.mark.parametrize("name", ["tokenize", "score"])
def test_the_error_of_a_long_text_has_both_numbers(api, name):
    error = api.post_json(f"/api/{name}", {"text": "a" * 4001}).json()
    assert error["detail"] == "The text has 4001 characters; at most 4000 are allowed."


def test_a_text_of_4000_characters_is_read(api):
    assert post(api, "tokenize", text="a" * 4000)["num_characters"] == 4000


def test_the_longest_text_to_score_has_one_token_more_than_the_context(api, catalog):
    max_tokens = catalog.context_length("gpt2") + 1
    assert len(post(api, "score", text="q" * max_tokens)["tokens"]) == max_tokens
    error = api.post_json("/api/score", {"text": "q" * (max_tokens + 1)})
    detail = assert_error(error, 400, "prompt_too_long")["detail"]
    assert str(max_tokens) in detail
    assert str(max_tokens + 1) in detail


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EngineBusyError(), "engine_busy"),
        (EngineFailedError(), "engine_busy"),
        (ModelUnavailableError("GPT-2 is not on this server."), "model_unavailable"),
    ],
)
def test_an_error_of_the_engine_is_reported(api, error, code):
    with engine_that_raises(error):
        answer = assert_error(api.post_json("/api/score", {"text": "The cat"}), 503, code)
        assert post(api, "tokenize", text="The cat")["num_tokens"] > 1
    assert answer["detail"] == error.detail


def test_an_engine_that_never_answers_is_busy(api):
    with engine_without_answer():
        assert_error(api.post_json("/api/score", {"text": "The cat"}), 503, "engine_busy")


@pytest.mark.parametrize("name", ["tokenize", "score"])
def test_a_model_that_has_gone_says_what_to_run(api, name, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        answer = api.post_json(f"/api/{name}", {"text": "The cat"})
    assert "download_models gpt2" in assert_error(answer, 503, "model_unavailable")["detail"]


@pytest.mark.parametrize("name", ["tokenize", "score"])
def test_no_store_is_needed(api, name):
    with store_down():
        assert post(api, name, text="The cat")["tokens"]
