"""503 for a busy or failing engine, a missing model, and a store that is down."""

from datetime import timedelta

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.api.fakes import (
    changed_runtime,
    engine_that_raises,
    engine_without_answer,
    store_down,
)
from tests.api.helpers import (
    APPEND_TOKEN,
    DELETE_SESSION,
    GET_SESSION,
    NEXT_TOKEN_PROBS,
    SESSION_ENDPOINTS,
    SET_PROMPT,
    SIMULATE,
    SPIN,
    UNDO,
    assert_error,
    state,
)
from wheel.errors import EngineBusyError, EngineFailedError, ModelUnavailableError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.sessions.store import SessionStore

ENGINE_ENDPOINTS = [NEXT_TOKEN_PROBS, APPEND_TOKEN, SPIN, SIMULATE]
OTHER_ENDPOINTS = [GET_SESSION, SET_PROMPT, UNDO, DELETE_SESSION]

needing_the_engine = pytest.mark.parametrize("endpoint", ENGINE_ENDPOINTS, ids=str)
every_endpoint = pytest.mark.parametrize("endpoint", SESSION_ENDPOINTS, ids=str)


@needing_the_engine
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EngineBusyError(), "engine_busy"),
        (EngineFailedError(), "engine_busy"),
        (ModelUnavailableError("GPT-2 is not on this server."), "model_unavailable"),
    ],
)
def test_an_engine_error_is_reported_and_changes_nothing(api, session_url, endpoint, error, code):
    before = state(api, session_url)
    with engine_that_raises(error):
        answer = assert_error(endpoint.call(api, session_url), 503, code)
    assert answer["detail"] == error.detail
    assert state(api, session_url) == before


@needing_the_engine
def test_an_engine_that_never_answers_is_busy(api, session_url, endpoint):
    before = state(api, session_url)
    with engine_without_answer():
        assert_error(endpoint.call(api, session_url), 503, "engine_busy")
    assert state(api, session_url) == before


@pytest.mark.parametrize("endpoint", OTHER_ENDPOINTS, ids=str)
def test_requests_without_the_engine_succeed_while_it_is_busy(api, session_url, endpoint):
    api.post_json(f"{session_url}/append-token", {"token_id": 3})
    with engine_that_raises(EngineBusyError()):
        assert endpoint.call(api, session_url).status_code == 200


@every_endpoint
def test_a_store_that_is_down_is_not_a_session_that_is_gone(api, session_url, endpoint):
    with store_down():
        assert_error(endpoint.call(api, session_url), 503, "store_unavailable")


@pytest.mark.parametrize(
    "endpoint", [SET_PROMPT, APPEND_TOKEN, SPIN, UNDO, DELETE_SESSION], ids=str
)
def test_a_store_that_fails_in_the_middle_changes_nothing(api, session_url, endpoint):
    api.post_json(f"{session_url}/append-token", {"token_id": 3})
    before = state(api, session_url)
    with store_down(after_num_reads=2):
        assert_error(endpoint.call(api, session_url), 503, "store_unavailable")
    assert state(api, session_url) == before


def test_a_session_cannot_be_started_without_its_store(api):
    with store_down():
        assert_error(api.post_json("/api/sessions"), 503, "store_unavailable")


@pytest.mark.parametrize("endpoint", [SET_PROMPT, APPEND_TOKEN, SPIN, DELETE_SESSION], ids=str)
def test_a_write_that_always_loses_the_compare_and_set_is_unavailable(api, session_url, endpoint):
    store = SessionStore(
        caches["default"],
        ttl=timedelta(hours=1),
        compare_and_set=lambda *_: False,
    )
    with changed_runtime(store=store, request_timeout_s=0.1):
        assert_error(endpoint.call(api, session_url), 503, "store_unavailable")


@pytest.mark.parametrize("endpoint", [GET_SESSION, SET_PROMPT, *ENGINE_ENDPOINTS], ids=str)
def test_a_session_whose_model_has_gone_says_what_to_run(api, session_url, endpoint, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        error = assert_error(endpoint.call(api, session_url), 503, "model_unavailable")
    assert "download_models gpt2" in error["detail"]


@pytest.mark.parametrize("path", ["/health", "/api/", "/api/models", "/api/schema"])
def test_views_of_the_service_answer_without_engine_and_store(api, path):
    with store_down(), engine_that_raises(EngineBusyError()):
        assert api.get(path).status_code == 200
