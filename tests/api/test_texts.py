"""POST /api/tokenize and POST /api/score: any text, without a session."""

import math

import pytest

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
