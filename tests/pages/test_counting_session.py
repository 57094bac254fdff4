"""The wheel page of a session with a counting model."""

import json
import re

import pytest

from tests.checkpoints import CORPUS
from wheel import services
from wheel.pages.words.numbers import bits, log_probability

TEXT = " ".join(CORPUS)


@pytest.fixture
def session_id(visitor):
    return services.start_counting(
        text=TEXT, prompt="The cat sat on the", order=3, seed=1
    ).session_id


@pytest.fixture
def page(visitor, session_id):
    return visitor.get(f"/wheel/{session_id}")


def test_the_page_names_the_model(page):
    assert "Counting model (triples of tokens)" in page.content.decode()


def test_the_list_of_recent_wheels_names_it_too(visitor, page):
    assert "Counting model (triples of tokens)" in visitor.get("/").content.decode()


def test_the_table_says_how_many_tokens_the_text_does_not_have(page, session_id):
    view = services.next_wheel(session_id=session_id)
    num_excluded = view.raw.vocabulary_size - view.raw.num_possible
    assert num_excluded > 200
    text = page.content.decode()
    assert f"<strong>{num_excluded} tokens</strong> are not on the wheel" in text
    assert "taken off the wheel by the knobs" not in text


def test_tokens_that_a_filter_removes_are_counted_apart(visitor, session_id):
    view = services.next_wheel(session_id=session_id)
    text = visitor.get(f"/wheel/{session_id}?top_k=1").content.decode()
    assert f"<strong>{view.raw.num_possible - 1} tokens</strong> were taken off" in text
    num_excluded = view.raw.vocabulary_size - view.raw.num_possible
    assert f"<strong>{num_excluded} tokens</strong> are not on the wheel" in text


def test_a_token_that_was_never_seen_is_found_nowhere_on_the_wheel(visitor, page):
    text = visitor.send(page, "/find", text="z").content.decode()
    assert "nowhere: the text that this model has counted does not have it" in text
    assert "∞ bits" in text


def test_a_token_that_was_never_seen_can_be_chosen_and_is_told_apart(visitor, page, session_id):
    (token_id,) = services.get_session(session_id=session_id).tokenizer.encode("z")
    after = visitor.send(page, "/choose", token_id=token_id)
    assert after.status_code == 200
    assert "not in the text that this model has counted" in after.content.decode()
    assert services.get_session(session_id=session_id).current_text.endswith("thez")


def test_a_whole_story_with_every_page_in_between(visitor, page, session_id):
    for _ in range(6):
        page = visitor.send(page, "/spin")
        assert page.status_code == 200
    for _ in range(2):
        page = visitor.send(page, "/undo")
    state = services.get_session(session_id=session_id)
    assert len(state.session.history) == 4


@pytest.mark.parametrize("query", ["threshold=0", "rank=30", "temperature=0.1", "top_p=0.5"])
def test_every_view_of_the_wheel_can_be_drawn(visitor, session_id, query):
    response = visitor.get(f"/wheel/{session_id}?{query}")
    assert response.status_code == 200
    assert not re.search(r"\b(nan|inf)\b", response.content.decode())


@pytest.mark.parametrize("knob", ["temperature", "top_k", "top_p", "min_p", "threshold"])
def test_every_knob_has_its_steps(visitor, session_id, knob):
    response = visitor.get(f"/wheel/{session_id}/knob-steps", {"knob": knob})
    assert response.status_code == 200
    for step in json.loads(response.content)["steps"]:
        assert step["ends"] == sorted(step["ends"])
        assert all(0 <= end <= 1 for end in step["ends"])


@pytest.mark.parametrize("name", ["export.json", "export.csv", "wheel.svg"])
def test_the_exports_work_and_have_nothing_of_the_counted_text(visitor, session_id, name):
    services.spin(session_id=session_id)
    response = visitor.get(f"/wheel/{session_id}/{name}")
    assert response.status_code == 200
    text = response.content.decode()
    assert "capital of France" not in text
    if name == "export.json":
        assert json.loads(text)["model_name"] == "counting-3"


def test_infinite_figures_have_a_sign():
    assert (bits(float("inf")), log_probability(float("-inf"))) == ("∞ bits", "−∞")
