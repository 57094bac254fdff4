"""POST /api/sessions."""

import uuid

import pytest

from tests.api.helpers import assert_error, assert_field_error, is_timestamp, state
from wheel.models import SessionIndexEntry

MAX_SEED = 2**63 - 1


def start(api, **body):
    return api.post_json("/api/sessions", body)


def test_a_session_starts_on_the_default_model(api):
    answer = api.post_json("/api/sessions", {})
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) >= {"session_id", "model_name", "created_at"}
    assert uuid.UUID(body["session_id"]).version == 4
    assert body["model_name"] == "gpt2"
    assert is_timestamp(body["created_at"])
    assert body["rev"] == 0
    assert body["seed"] is None


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_a_call_without_any_body_starts_a_session(api, content_type):
    answer = api.generic("POST", "/api/sessions", b"", content_type=content_type)
    assert answer.status_code == 201


@pytest.mark.parametrize("body", [{"model_name": "gpt2"}, {"model_name": None, "seed": None}])
def test_a_model_may_be_named_and_null_is_the_same_as_nothing(api, body):
    assert start(api, **body).json()["model_name"] == "gpt2"


def test_a_new_session_has_no_text_yet(api):
    session_id = start(api).json()["session_id"]
    session = state(api, f"/api/sessions/{session_id}")
    assert session["initial_prompt"] == session["current_text"] == ""
    assert session["token_history"] == []
    assert session["generation_count"] == 0


def test_a_new_session_is_in_the_index_of_the_admin(api):
    session_id = start(api).json()["session_id"]
    entry = SessionIndexEntry.objects.get(pk=session_id)
    assert (entry.model_id, entry.num_tokens) == ("gpt2", 0)


@pytest.mark.parametrize("seed", [0, 7, -1, MAX_SEED, -MAX_SEED - 1])
def test_a_seed_is_kept(api, seed):
    body = start(api, seed=seed).json()
    assert body["seed"] == seed
    assert state(api, f"/api/sessions/{body['session_id']}")["seed"] == seed


@pytest.mark.parametrize(
    "seed",
    [MAX_SEED + 1, -MAX_SEED - 2, 10**30, 1.5, True, False, "seven", "", [7], {"seed": 7}],
    ids=str,
)
def test_a_seed_that_is_not_a_64_bit_integer_is_refused(api, seed):
    assert_field_error(start(api, seed=seed), "seed")


def test_an_infinite_seed_is_refused(api):
    assert_field_error(api.post_json("/api/sessions", '{"seed": 1e999}'), "seed")


@pytest.mark.parametrize("name", ["", "gpt3", "GPT2", " gpt2", "gpt2 ", "../gpt2", "é", "a" * 5000])
def test_an_unknown_model_is_refused_with_the_names_of_the_models_on_offer(api, name):
    error = assert_error(start(api, model_name=name), 400, "unknown_model")
    assert error["detail"] == "Invalid model name. Available models: [gpt2, gpt2-medium]"


@pytest.mark.parametrize("name", [5, 0.5, True, ["gpt2"], {"id": "gpt2"}], ids=str)
def test_a_model_name_that_is_no_string_is_refused(api, name):
    assert_field_error(start(api, model_name=name), "model_name")


@pytest.mark.parametrize("name", ["gpt2\0", "\ud800", "\udfff\ud800"], ids=ascii)
def test_a_model_name_that_is_no_text_is_refused(api, name):
    assert_field_error(start(api, model_name=name), "model_name")


def test_a_model_that_is_not_here_says_what_to_run(api):
    error = assert_error(start(api, model_name="gpt2-medium"), 503, "model_unavailable")
    assert "python manage.py download_models gpt2-medium" in error["detail"]
    assert SessionIndexEntry.objects.count() == 0


def test_several_invalid_fields_are_reported_at_once(api):
    error = assert_field_error(start(api, model_name=5, seed="x"), "model_name", "seed")
    assert "model_name" in error["detail"]
    assert "seed" in error["detail"]
