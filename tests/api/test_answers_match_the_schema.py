"""Responses validated against the published schema, in which every field is required."""

import copy

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.test import Client

from tests.api.classes import close, freeze, join, new_classroom
from tests.api.fakes import changed_runtime, engine_that_raises, store_down
from tests.api.helpers import MISSING_ID, TEXT_PATHS, append, new_session, spin
from tests.api.published import PublishedSchema
from wheel.errors import EngineBusyError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2

SESSION = "/api/sessions/{session_id}"
CLASSROOM = "/api/classrooms/{code}"
CALLS = {
    "read": ("GET", "", {}),
    "delete": ("DELETE", "", {}),
    "prompt": ("POST", "/set-prompt", {"prompt": "The cat"}),
    "wheel": ("GET", "/next-token-probs", {}),
    "append": ("POST", "/append-token", {"token_id": 5}),
    "append other": ("POST", "/append-token", {"category": "other", "top_k": 0}),
    "undo": ("POST", "/undo", {}),
    "spin": ("POST", "/spin", {}),
    "simulate": ("POST", "/simulate", {"num_spins": 50}),
    "simulate without Other": ("POST", "/simulate", {"num_spins": 5, "threshold": 0}),
    "branches": ("GET", "/branches", {}),
    "restore": ("POST", "/branches/1/restore", {}),
}
CHANGES = ["/set-prompt", "/append-token", "/undo", "/spin", "/branches/1/restore"]
every_call = pytest.mark.parametrize(("method", "tail", "body"), CALLS.values(), ids=CALLS.keys())


@pytest.fixture(scope="module")
def published():
    return PublishedSchema(Client().get("/api/schema").json())


@pytest.fixture
def url(api):
    """A session with every kind of history item: drawn, drawn from Other, picked, improbable."""
    url = new_session(api, seed=7)
    spin(api, url, u=0.01)
    append(api, url, category="other")
    append(api, url, token_id=0)
    append(api, url, token_id=300, top_k=1)
    return with_a_branch(api, url)


def with_a_branch(api, url):
    """Branch 1 has been left, and the text has an undone token."""
    for token_ids in ([5, 6], [7, 8]):
        for token_id in token_ids:
            append(api, url, token_id=token_id)
        api.post_json(f"{url}/undo")
        api.post_json(f"{url}/undo")
    append(api, url, token_id=9)
    api.post_json(f"{url}/branches/2/restore")
    api.post_json(f"{url}/undo")
    return url


def path_of(tail):
    return SESSION + tail.replace("/1/", "/{branch}/")


def call(api, url, method, tail, body):
    if method == "POST":
        return api.post_json(url + tail, body)
    return api.generic(method, url + tail)


@every_call
def test_a_success_matches_the_schema(api, url, published, method, tail, body):
    answer = call(api, url, method, tail, body)
    assert answer.status_code == 200, answer.content
    published.check(method, path_of(tail), answer)


@every_call
def test_the_error_of_a_missing_session_matches_the_schema(api, published, method, tail, body):
    answer = call(api, f"/api/sessions/{MISSING_ID}", method, tail, body)
    assert answer.status_code == 404
    published.check(method, path_of(tail), answer)


@every_call
def test_the_error_of_a_store_that_is_down_matches_the_schema(
    api, url, published, method, tail, body
):
    with store_down():
        answer = call(api, url, method, tail, body)
    assert answer.status_code == 503
    published.check(method, path_of(tail), answer)


@pytest.mark.parametrize("tail", CHANGES)
def test_the_error_of_a_stale_revision_matches_the_schema(api, url, published, tail):
    answer = api.post_json(url + tail, {"rev": 0, "prompt": "a", "token_id": 5})
    assert answer.status_code == 409
    published.check("POST", path_of(tail), answer)


@every_call
def test_a_success_of_a_member_matches_the_schema(api, published, method, tail, body):
    url = join(api, new_classroom())
    spin(api, url)
    answer = call(api, url, method, tail, body)
    assert answer.status_code == 200, answer.content
    published.check(method, path_of(tail), answer)


@pytest.mark.parametrize("stop", [freeze, close])
@pytest.mark.parametrize("tail", CHANGES)
def test_the_conflicts_of_a_member_match_the_schema(api, published, tail, stop):
    classroom = new_classroom()
    url = join(api, classroom)
    spin(api, url)
    stop(classroom)
    for rev in (None, 0):
        answer = api.post_json(url + tail, {"rev": rev, "prompt": "a", "token_id": 5})
        assert answer.status_code == 409
        published.check("POST", path_of(tail), answer)


@pytest.mark.parametrize("fields", [{}, {"prompt": "", "luck": "shared", "locked": ["top_k"]}])
def test_looking_up_and_joining_a_class_match_the_schema(api, published, fields):
    url = f"/api/classrooms/{new_classroom(**fields).code}"
    published.check("GET", CLASSROOM, api.get(url))
    answer = api.post_json(f"{url}/sessions")
    assert answer.status_code == 201
    published.check("POST", f"{CLASSROOM}/sessions", answer)


def test_the_errors_of_looking_up_and_joining_a_class_match_the_schema(api, published):
    for code in ("XYZ234", new_classroom(model_id="gpt2-medium").code):
        published.check("GET", CLASSROOM, api.get(f"/api/classrooms/{code}"))
        answer = api.post_json(f"/api/classrooms/{code}/sessions")
        assert answer.status_code in (404, 503)
        published.check("POST", f"{CLASSROOM}/sessions", answer)


def test_the_error_of_a_locked_setting_matches_the_schema(api, published):
    url = join(api, new_classroom(locked=["top_k"]))
    answer = api.post_json(f"{url}/spin", {"top_k": 3})
    assert answer.status_code == 400
    published.check("POST", SESSION + "/spin", answer)


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("/set-prompt", {"prompt": ""}),
        ("/set-prompt", {"prompt": 5}),
        ("/append-token", {}),
        ("/append-token", {"token_id": -1}),
        ("/undo", {"rev": "x"}),
        ("/spin", {"u": 2, "temperature": "x"}),
        ("/spin", "{"),
        ("/simulate", {"num_spins": 10_001, "seed": "x"}),
    ],
)
def test_the_error_of_an_invalid_body_matches_the_schema(api, url, published, tail, body):
    answer = api.post_json(url + tail, body)
    assert answer.status_code == 400
    published.check("POST", path_of(tail), answer)


@pytest.mark.parametrize("query", ["threshold=0", "top_k=1&threshold=0", "threshold=1", "top_p=2"])
def test_wheels_of_all_settings_match_the_schema(api, url, published, query):
    answer = api.get(f"{url}/next-token-probs?{query}")
    published.check("GET", SESSION + "/next-token-probs", answer)


def test_the_error_of_a_busy_engine_matches_the_schema(api, url, published):
    with engine_that_raises(EngineBusyError()):
        published.check("POST", SESSION + "/spin", api.post_json(f"{url}/spin", {}))


@pytest.mark.parametrize(
    "body", [{}, {"seed": 7}, {"seed": "x"}, {"model_name": "x"}, {"model_name": "gpt2-medium"}]
)
def test_starting_a_session_matches_the_schema(api, published, body):
    published.check("POST", "/api/sessions", api.post_json("/api/sessions", body))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "The cat sat"}, 200),
        ({"text": "a"}, 200),
        ({"text": ""}, 400),
        ({"text": 5}, 400),
        ({"text": "a", "model_name": "gpt2-medium"}, 503),
    ],
)
@pytest.mark.parametrize("path", TEXT_PATHS)
def test_calls_on_a_text_match_the_schema(api, published, path, body, status):
    answer = api.post_json(path, body)
    assert answer.status_code == status
    published.check("POST", path, answer)


@pytest.mark.parametrize("path", ["/api/", "/api/models", "/health", "/ready"])
def test_views_of_the_service_match_the_schema(api, engine, published, path):
    engine.start()
    answer = api.get(path)
    assert answer.status_code == 200
    published.check("GET", path, answer)


def test_the_error_of_a_server_that_is_not_ready_matches_the_schema(api, published, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        answer = api.get("/ready")
        published.check("GET", "/ready", answer)
        published.check("GET", "/api/models", api.get("/api/models"))
    assert answer.status_code == 503


@pytest.mark.parametrize("change", ["a field more", "a field less"])
def test_the_check_fails_on_a_field_more_or_less(api, url, published, change):
    document = copy.deepcopy(published.document)
    token = document["components"]["schemas"]["WheelTokenSchema"]
    if change == "a field more":
        token["required"].append("other_field")
    else:
        del token["properties"]["display_text"]
        token["required"].remove("display_text")
    answer = api.get(f"{url}/next-token-probs")
    with pytest.raises(jsonschema.ValidationError):
        PublishedSchema(document).check("GET", SESSION + "/next-token-probs", answer)
