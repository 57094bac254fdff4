"""Sessions with a counting model over HTTP. They are started on a page; the API serves them as any
other."""

import json
import math

import pytest

from tests.api.helpers import assert_error
from tests.checkpoints import CORPUS
from wheel import services

TEXT = " ".join(CORPUS)


@pytest.fixture
def url(api):
    session = services.start_counting(text=TEXT, prompt="The cat sat on the", order=3, seed=1)
    return f"/api/sessions/{session.session_id}"


def strict_json(response):
    assert response.status_code == 200, response.content

    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(response.content, parse_constant=refuse)


@pytest.mark.parametrize("name", ["counting-2", "counting-3", "counting-4"])
def test_no_client_can_start_one_by_its_name(api, name):
    response = api.post_json("/api/sessions", {"model_name": name})
    assert_error(response, 400, "unknown_model")
    for path in ("/api/tokenize", "/api/score"):
        response = api.post_json(path, {"text": "The cat", "model_name": name})
        assert_error(response, 400, "unknown_model")


def test_the_list_of_models_has_none(api, url):
    assert [model["id"] for model in api.get("/api/models").json()["models"]] == [
        "gpt2",
        "gpt2-medium",
    ]


def test_a_session_has_the_name_of_its_model_and_nothing_of_its_text(api, url):
    session = strict_json(api.get(url))
    assert session["model_name"] == "counting-3"
    assert "capital" not in json.dumps(session)
    assert "counted_text" not in session


def test_its_wheel_lists_the_tokens_of_the_text_with_counted_probabilities(api, url):
    wheel = strict_json(api.get(f"{url}/next-token-probs", {"threshold": 0}))
    tokens = wheel["above_threshold_tokens"]
    possible = [token for token in tokens if token["probability"] > 0]
    assert {token["token_text"] for token in possible} >= {" mat", " log"}
    assert sum(token["probability"] for token in possible) == pytest.approx(1, abs=1e-9)
    never_seen = [token for token in tokens if token["probability"] == 0]
    assert never_seen
    assert {token["log_probability"] for token in never_seen} == {None}
    assert {token["raw_probability"] for token in never_seen} == {0.0}
    for token in possible:
        assert token["surprisal_bits"] == pytest.approx(-math.log2(token["probability"]))


def test_a_receipt_can_be_repeated_from_its_u(api, url):
    spun = strict_json(api.post_json(f"{url}/spin"))
    api.post_json(f"{url}/undo")
    again = strict_json(api.post_json(f"{url}/spin", {"u": spun["spin"]["u"]}))
    assert again["appended_token"]["token_id"] == spun["appended_token"]["token_id"]


def test_a_token_that_was_never_seen_can_be_appended(api, url):
    appended = strict_json(api.post_json(f"{url}/append-token", {"token_text": "z"}))
    chosen = appended["appended_token"]
    assert (chosen["probability"], chosen["surprisal_bits"]) == (0.0, None)
    assert strict_json(api.get(url))["current_text"] == "The cat sat on thez"


def test_many_spins_count_no_token_that_was_never_seen(api, url):
    answer = strict_json(api.post_json(f"{url}/simulate", {"num_spins": 500, "seed": 3}))
    drawn = [segment["token_text"] for segment in answer["segments"] if segment["count"]]
    drawn += [token["token_text"] for token in answer["other"]["tokens"]]
    assert drawn
    assert all(token in TEXT for token in drawn)
