"""POST /wheel/<id>/prompt."""

import pytest

from tests.pages.conftest import history
from tests.pages.markup import find_all, find_one
from wheel import services


def test_a_new_prompt_starts_the_text_over(visitor, wheel_page, session_id):
    wheel_page = visitor.send(wheel_page, "/spin")
    assert visitor.send(wheel_page, "/prompt", prompt="The dog").status_code == 200
    state = services.get_session(session_id=session_id)
    assert state.current_text == "The dog"
    assert state.session.history == ()


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [("", "Write a few words"), ("  ", "Write a few words"), ("x" * 4001, "at most 4,000")],
)
def test_a_bad_prompt_is_told_beside_the_field_and_kept(
    visitor, wheel_page, session_id, prompt, reason
):
    wheel_page = visitor.send(wheel_page, "/spin")
    response = visitor.send(wheel_page, "/prompt", prompt=prompt)
    html = response.content.decode()
    assert response.status_code == 400
    assert reason in html[html.index('id="new-text-panel"') :]
    assert visitor.form(response, "/prompt")["fields"]["prompt"] == prompt
    assert len(history(session_id)) == 1


def test_a_prompt_with_a_stale_revision_changes_nothing(visitor, wheel_page, session_id):
    visitor.send(wheel_page, "/spin")
    assert visitor.send(wheel_page, "/prompt", prompt="The dog").status_code == 409
    assert len(history(session_id)) == 1


def test_a_prompt_without_a_revision_changes_nothing(visitor, session_id):
    response = visitor.post(f"/wheel/{session_id}/prompt", {"prompt": "The dog"})
    assert response.status_code == 400
    assert services.get_session(session_id=session_id).current_text == "The cat sat on the"


@pytest.mark.parametrize("rev", ["", "x", "-1"])
def test_a_bad_revision_is_told_beside_the_wheel_and_not_beside_the_prompt(
    visitor, wheel_page, rev
):
    response = visitor.send(wheel_page, "/prompt", prompt="The dog", rev=rev)
    html = response.content.decode()
    assert response.status_code in (400, 409)
    assert find_one(html, "div", id="problem").text
    assert find_all(html, "p", id="id_prompt_error") == []
    assert "open" not in find_one(html, "details", id="new-text-panel").attributes


def test_a_bad_prompt_is_not_told_beside_the_wheel(visitor, wheel_page):
    html = visitor.send(wheel_page, "/prompt", prompt=" ").content.decode()
    assert find_one(html, "div", id="problem").text == ""
    assert "Write a few words" in find_one(html, "p", id="id_prompt_error").text
    assert "open" in find_one(html, "details", id="new-text-panel").attributes
