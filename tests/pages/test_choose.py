"""POST /wheel/<id>/choose."""

from dataclasses import replace

import pytest

from tests.pages.conftest import history
from tests.pages.markup import find_all
from wheel import services
from wheel.domain.wheel_settings import WheelSettings


def test_any_token_of_the_list_can_be_chosen(visitor, wheel_page, session_id):
    _, token_id = visitor.form(wheel_page, "/choose")["buttons"][3]
    html = visitor.send(wheel_page, "/choose", token_id=token_id).content.decode()
    (chosen,) = history(session_id)
    assert chosen.token_id == int(token_id)
    assert not chosen.is_drawn
    assert "You chose" in html


@pytest.mark.parametrize("token_id", ["", "x", "-1", "400", "9" * 30, "9" * 5000, "1.5"])
def test_an_id_that_is_no_token_changes_nothing(visitor, wheel_page, session_id, token_id):
    response = visitor.send(wheel_page, "/choose", token_id=token_id)
    assert response.status_code == 400
    assert 'class="problem"' in response.content.decode()
    assert history(session_id) == ()


def test_a_choice_with_a_stale_revision_changes_nothing(visitor, wheel_page, session_id):
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
    assert "taken off the wheel by the knobs" in html


def test_a_choice_is_made_on_the_wheel_of_this_page_though_another_tab_changed_the_knobs(
    visitor, session_id
):
    page = visitor.get(f"/wheel/{session_id}", {"temperature": "0.5", "top_k": "7"})
    visitor.get(f"/wheel/{session_id}", {"temperature": "9", "top_k": "0"})
    _, token_id = visitor.form(page, "/choose")["buttons"][1]
    visitor.send(page, "/choose", token_id=token_id)
    (chosen,) = history(session_id)
    assert (chosen.settings.temperature, chosen.settings.top_k) == (0.5, 7)


def test_the_wheel_after_a_choice_keeps_the_knobs_of_this_page(visitor, session_id, monkeypatch):
    """Another tab changes the knobs between the choice and the next wheel."""
    page = visitor.get(f"/wheel/{session_id}", {"top_k": "7"})
    append_token = services.append_token

    def append_while_another_tab_turns_a_knob(**arguments):
        change = append_token(**arguments)
        state = services.get_session(session_id=session_id)
        services.serve_wheel(state=state, settings=WheelSettings(top_k=2))
        after = services.get_session(session_id=session_id)
        assert after.session.settings.top_k == 2
        return replace(change, after=after)

    monkeypatch.setattr(services, "append_token", append_while_another_tab_turns_a_knob)
    _, token_id = visitor.form(page, "/choose")["buttons"][0]
    html = visitor.ask(page, "/choose", token_id=token_id).content.decode()
    assert len(find_all(html, "path", with_class="segment-token")) > 2
    (number,) = find_all(html, "text", with_class="hub-number")
    assert number.text == "7"
