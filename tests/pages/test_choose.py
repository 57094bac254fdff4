"""POST /wheel/<id>/choose"""

import pytest

from tests.pages.conftest import history


def test_any_token_of_the_list_can_be_chosen(visitor, wheel_page, session_id):
    _, token_id = visitor.form(wheel_page, "/choose")["buttons"][3]
    html = visitor.send(wheel_page, "/choose", token_id=token_id).content.decode()
    (chosen,) = history(session_id)
    assert chosen.token_id == int(token_id)
    assert not chosen.is_drawn
    assert "You picked" in html


@pytest.mark.parametrize("token_id", ["", "x", "-1", "400", "9" * 30, "9" * 5000, "1.5"])
def test_what_is_not_a_token_changes_nothing(visitor, wheel_page, session_id, token_id):
    response = visitor.send(wheel_page, "/choose", token_id=token_id)
    assert response.status_code == 400
    assert 'class="problem"' in response.content.decode()
    assert history(session_id) == ()


def test_a_stale_revision_changes_nothing(visitor, wheel_page, session_id):
    visitor.send(wheel_page, "/spin")
    assert visitor.send(wheel_page, "/choose", token_id="5").status_code == 409
    assert len(history(session_id)) == 1


def test_a_token_that_the_knobs_removed_can_still_be_chosen(visitor, wheel_page, session_id):
    wheel_page = visitor.get(f"/wheel/{session_id}", {"top_k": "1"})
    assert "tokens</strong> were taken off the wheel" in wheel_page.content.decode()
    (_, favourite), (_, removed), *_ = visitor.form(wheel_page, "/choose")["buttons"]
    assert favourite != removed
    html = visitor.send(wheel_page, "/choose", token_id=removed).content.decode()
    assert history(session_id)[0].prob == 0
    assert "which the knobs had taken off the wheel" in html
