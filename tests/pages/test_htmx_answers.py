"""Answers to htmx: parts of the wheel page."""

import re

import pytest

from tests.pages.conftest import history
from tests.pages.markup import find_all, find_one
from wheel import services

HTMX = {"HX-Request": "true"}


def test_a_spin_answers_only_where_the_wheel_stops_and_what_that_means(
    visitor, wheel_page, session_id
):
    response = visitor.ask(wheel_page, "/spin")
    html = response.content.decode()
    (chosen,) = history(session_id)
    assert response.status_code == 200
    assert "<html" not in html
    assert 'id="wheel-area"' not in html
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


def test_undo_choose_and_prompt_answer_the_wheel_and_the_knobs(visitor, wheel_page, session_id):
    for action, fields in [
        ("/choose", {"token_id": "5"}),
        ("/undo", {}),
        ("/prompt", {"prompt": "The"}),
    ]:
        response = visitor.ask(visitor.get(f"/wheel/{session_id}"), action, **fields)
        assert response.status_code == 200
        assert response["HX-Retarget"] == "#wheel-area"
        assert 'hx-swap-oob="true"' in response.content.decode()


def test_the_knobs_form_gets_the_wheel_but_is_not_replaced_itself(visitor, session_id):
    headers = HTMX | {"HX-Trigger": "knobs-form"}
    response = visitor.get(f"/wheel/{session_id}?temperature=0.5", headers=headers)
    html = response.content.decode()
    assert 'id="wheel-area"' in html
    assert 'id="knobs-form"' not in html
    assert 'id="knob-temperature-error"' in html
    assert "Reset" in html


def test_a_bad_knob_leaves_the_wheel_alone_and_is_told_beside_the_knob(visitor, session_id):
    headers = HTMX | {"HX-Trigger": "knobs-form"}
    response = visitor.get(f"/wheel/{session_id}?temperature=0", headers=headers)
    html = response.content.decode()
    assert response.status_code == 400
    assert response["HX-Reswap"] == "none"
    assert 'id="wheel-area"' not in html
    assert "Must be greater than 0" in html


def test_a_stale_click_gets_the_wheel_as_it_is_with_the_message(visitor, wheel_page):
    visitor.ask(wheel_page, "/spin")
    response = visitor.ask(wheel_page, "/spin")
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#wheel-area"
    assert "The text has moved on" in response.content.decode()
    assert "data-receipt" not in response.content.decode()


def test_a_busy_engine_is_told_beside_the_wheel_which_stays(visitor, wheel_page, broken_engine):
    response = visitor.ask(wheel_page, "/spin")
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert response["HX-Retarget"] == "#problem"
    assert response["HX-Reswap"] == "innerHTML"
    assert 'id="wheel-area"' not in response.content.decode()


def test_a_session_that_is_gone_offers_to_start_again(visitor, wheel_page, store, session_id):
    store.delete(store.read(session_id))
    response = visitor.ask(wheel_page, "/spin")
    assert response.status_code == 404
    assert response["HX-Retarget"] == "#problem"
    assert "Start again" in response.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX, HTMX | {"HX-Trigger": "knobs-form"}])
@pytest.mark.parametrize("query", ["", "?temperature=0", "?rank=0"])
def test_every_answer_at_the_wheel_s_address_varies_with_the_header_of_htmx(
    visitor, session_id, headers, query
):
    response = visitor.get(f"/wheel/{session_id}{query}", headers=headers)
    assert "HX-Request" in response["Vary"]


def test_an_action_brings_the_whole_form_of_the_knobs_along(visitor, wheel_page):
    html = visitor.ask(wheel_page, "/choose", token_id="5").content.decode()
    assert find_one(html, "details", id="knobs").attributes["hx-swap-oob"] == "true"
    assert find_one(html, "form", id="knobs-form")


def test_the_knobs_form_gets_only_its_errors_and_the_reset_link(visitor, session_id):
    shown_rev = services.get_session(session_id=session_id).session.rev
    headers = HTMX | {"HX-Trigger": "knobs-form", "Shown-Rev": str(shown_rev)}
    html = visitor.get(f"/wheel/{session_id}?top_k=2", headers=headers).content.decode()
    swapped = [
        element.attributes["id"]
        for tag in ("p", "span", "details")
        for element in find_all(html, tag, hx_swap_oob="true")
    ]
    names = ("temperature", "top_k", "top_p", "min_p", "threshold")
    assert swapped == [*(f"knob-{name}-error" for name in names), "knobs-reset"]


@pytest.mark.parametrize(
    ("query", "headers", "is_open"),
    [
        ("", {}, False),
        ("?rank=70", {}, False),
        ("?top_k=2", {}, True),
        ("?top_k=2", HTMX, False),
        ("?temperature=0", HTMX, True),
    ],
)
def test_the_panel_of_the_knobs_is_open_where_the_page_was_asked_for_with_them(
    visitor, session_id, query, headers, is_open
):
    html = visitor.get(f"/wheel/{session_id}{query}", headers=headers).content.decode()
    assert ("open" in find_one(html, "details", id="knobs").attributes) == is_open
