"""Answers to htmx: parts of the wheel page"""

import re

from tests.pages.conftest import history

HTMX = {"HX-Request": "true"}


def test_a_spin_answers_only_where_the_wheel_stops_and_what_that_means(
    visitor, wheel_page, session_id
):
    response = visitor.ask(wheel_page, "/spin")
    html = response.content.decode()
    (chosen,) = history(session_id)
    assert response.status_code == 200
    assert "<html" not in html
    assert 'id="stage"' not in html
    assert html.count('id="result"') == 1
    assert f'data-angle-degrees="{chosen.u * 360!r}"' in html
    assert f'data-segment-index="{chosen.segment_index}"' in html
    assert re.search(r'data-announcement="[^"]+ bits of surprise', html)
    assert re.search(r'data-display-text="[^"]+"', html)


def test_only_the_answer_to_a_spin_carries_a_receipt(visitor, wheel_page, session_id):
    visitor.ask(wheel_page, "/spin")
    wheel_page = visitor.get(f"/wheel/{session_id}")
    assert "data-receipt" not in wheel_page.content.decode()
    assert "data-receipt" not in visitor.ask(wheel_page, "/undo").content.decode()


def test_undo_choose_and_prompt_answer_the_stage_and_the_knobs(visitor, wheel_page, session_id):
    for action, fields in [
        ("/choose", {"token_id": "5"}),
        ("/undo", {}),
        ("/prompt", {"prompt": "The"}),
    ]:
        response = visitor.ask(visitor.get(f"/wheel/{session_id}"), action, **fields)
        assert response.status_code == 200
        assert response["HX-Retarget"] == "#stage"
        assert 'hx-swap-oob="true"' in response.content.decode()


def test_the_knobs_form_gets_the_stage_but_is_not_replaced_itself(visitor, session_id):
    headers = HTMX | {"HX-Trigger": "knobs-form"}
    response = visitor.get(f"/wheel/{session_id}?temperature=0.5", headers=headers)
    html = response.content.decode()
    assert 'id="stage"' in html
    assert 'id="knobs-form"' not in html
    assert 'id="knob-temperature-error"' in html
    assert "Reset" in html


def test_a_bad_knob_leaves_the_wheel_alone_and_is_told_beside_the_knob(visitor, session_id):
    headers = HTMX | {"HX-Trigger": "knobs-form"}
    response = visitor.get(f"/wheel/{session_id}?temperature=0", headers=headers)
    html = response.content.decode()
    assert response.status_code == 400
    assert response["HX-Reswap"] == "none"
    assert 'id="stage"' not in html
    assert "Must be greater than 0" in html


def test_a_stale_click_gets_the_stage_as_it_is_with_the_message(visitor, wheel_page):
    visitor.ask(wheel_page, "/spin")
    response = visitor.ask(wheel_page, "/spin")
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#stage"
    assert "The text has moved on" in response.content.decode()
    assert "data-receipt" not in response.content.decode()


def test_a_busy_engine_is_told_beside_the_wheel_which_stays(visitor, wheel_page, broken_engine):
    response = visitor.ask(wheel_page, "/spin")
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert response["HX-Retarget"] == "#problem"
    assert response["HX-Reswap"] == "innerHTML"
    assert 'id="stage"' not in response.content.decode()


def test_a_session_that_is_gone_offers_to_start_again(visitor, wheel_page, store, session_id):
    store.delete(store.read(session_id))
    response = visitor.ask(wheel_page, "/spin")
    assert response.status_code == 404
    assert response["HX-Retarget"] == "#problem"
    assert "Start again" in response.content.decode()
