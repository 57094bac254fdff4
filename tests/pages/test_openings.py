"""Opened parts of the wheel, spins that end inside them, the ring, the search."""

import re

import pytest

from tests.pages.conftest import history, start_session
from tests.pages.markup import find_all
from wheel import services
from wheel.domain.wheel_settings import WheelSettings
from wheel.pages.drawing.opening import wheels_towards
from wheel.pages.drawing.wheel import MAX_DRAWN_SEGMENTS

HTMX = {"HX-Request": "true"}


def html_of(response):
    return response.content.decode()


def num_above(session_id, threshold=0.01):
    view = services.next_wheel(session_id=session_id, settings=WheelSettings(threshold=threshold))
    return view.wheel.num_above


def test_the_list_leads_into_other(visitor, wheel_page, session_id):
    (address,) = re.findall(r'id="open-other"\s+href="([^"]+)"', html_of(wheel_page))
    html = html_of(visitor.get(address.replace("&amp;", "&")))
    assert 'aria-current="location">Other' in html
    assert "of the whole wheel, drawn as a circle of" in html
    assert 'data-kind="group"' in html


def test_without_a_depth_it_is_opened_until_the_token_stands_alone(visitor, session_id):
    html = html_of(visitor.get(f"/wheel/{session_id}?rank=70"))
    view = services.next_wheel(session_id=session_id)
    token_id = view.wheel.distribution.ranked_token_ids[69]
    assert re.search(rf'data-kind="token"[^>]*data-token-id="{token_id}"', html)
    assert 'class="mark"' in html


def test_a_token_with_a_segment_of_its_own_is_marked_on_the_whole_wheel(visitor, session_id):
    html = html_of(visitor.get(f"/wheel/{session_id}?rank=1"))
    assert 'class="mark"' in html
    assert 'class="trail"' not in html


@pytest.mark.parametrize("query", ["rank=0", "rank=-3", "rank=x", "rank=5&depth=0", "depth=1e9"])
def test_a_place_that_is_none_is_told_and_the_whole_wheel_shown(visitor, session_id, query):
    response = visitor.get(f"/wheel/{session_id}?{query}")
    assert response.status_code == 400
    assert 'id="spin"' in html_of(response)


@pytest.mark.parametrize("query", ["rank=99999", "rank=50&depth=40"])
def test_a_place_beyond_the_wheel_shows_the_nearest_there_is(visitor, session_id, query):
    assert visitor.get(f"/wheel/{session_id}?{query}").status_code == 200


def test_segments_too_narrow_to_be_drawn_can_be_opened_too(visitor, session_id):
    html = html_of(visitor.get(f"/wheel/{session_id}", {"threshold": "0"}))
    rank = MAX_DRAWN_SEGMENTS + 1
    assert re.search(rf'data-kind="narrow"[^>]*data-opens="rank={rank}&amp;depth=1"', html)
    (address,) = re.findall(r'href="([^"]+)"[^>]*aria-label="Open the narrow segments"', html)
    html = html_of(visitor.get(address.replace("&amp;", "&")))
    view = services.next_wheel(session_id=session_id)
    first_narrow = view.wheel.distribution.ranked_token_ids[MAX_DRAWN_SEGMENTS]
    assert re.search(rf'data-kind="token"[^>]*data-token-id="{first_narrow}"', html)


def test_a_spin_that_ends_in_other_carries_the_wheels_on_its_way(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}", {"threshold": "1"})
    html = html_of(visitor.ask(page, "/spin"))
    (chosen,) = history(session_id)
    inner = html.split("<template data-inner")[1:]
    assert inner
    for turn in inner[:-1]:
        assert f'data-token-id="{chosen.token_id}"' not in turn
    assert f'data-token-id="{chosen.token_id}"' in inner[-1]


def test_each_wheel_of_a_spin_into_other_stops_at_the_segment_of_the_token(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}", {"threshold": "1"})
    view = services.next_wheel(session_id=session_id)
    html = html_of(visitor.ask(page, "/spin"))
    (chosen,) = history(session_id)
    turns = find_all(html, "template", data_inner="")
    wheels = wheels_towards(view, chosen.rank - 1)
    assert len(turns) == len(wheels) > 1
    for turn, opened in zip(turns, wheels, strict=True):
        (group,) = [
            group for group in opened.groups if group.first_rank <= chosen.rank - 1 < group.end_rank
        ]
        position = float(turn.attributes["data-angle-degrees"]) / 360
        assert position == pytest.approx(opened.position_of(chosen.u), abs=1e-12)
        assert group.start <= position < group.end
        assert turn.attributes["data-segment-index"] == str(group.segment_index)
        assert opened.groups[group.segment_index] == group
    assert "Inside Other" in turns[0].attributes["data-caption"]
    assert "Inside ranks" in turns[1].attributes["data-caption"]


def test_a_spin_from_an_opened_page_brings_the_whole_wheel_along(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}?rank=70&depth=1")
    assert "<template data-whole>" in html_of(visitor.ask(page, "/spin"))


def test_the_ring_is_there_only_while_a_knob_reshapes(visitor, session_id):
    assert 'class="ring ' not in html_of(visitor.get(f"/wheel/{session_id}", {"threshold": "0.1"}))
    html = html_of(visitor.get(f"/wheel/{session_id}", {"threshold": "0.01", "top_k": "2"}))
    assert html.count('class="ring hue-') == num_above(session_id)
    assert html.count("ring-removed") == num_above(session_id) - 2
    assert "Reset the knobs" in html


def test_removed_tokens_are_listed_with_their_probability_in_the_model(visitor, session_id):
    html = html_of(visitor.get(f"/wheel/{session_id}", {"top_k": "2"}))
    assert "were taken off the wheel by the knobs" in html
    assert html.count("model: ") == 2 + 5 * 3  # probability, logarithm and surprise


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_search_tells_where_the_first_token_of_a_text_lies(visitor, session_id, headers):
    response = visitor.post(f"/wheel/{session_id}/find", {"text": "dog"}, headers=headers)
    html = html_of(response)
    assert response.status_code == 200
    assert "as you typed it" in html
    assert "with a space before it" in html
    assert "Show it on the wheel" in html
    assert (b"<html" in response.content) == (not headers)


def test_a_search_changes_nothing_and_is_never_in_an_address(visitor, wheel_page, session_id):
    before = services.get_session(session_id=session_id).session.rev
    response = visitor.send(wheel_page, "/find", text="canary")
    assert services.get_session(session_id=session_id).session.rev == before
    assert not response.redirect_chain
    assert "canary" not in response.request["QUERY_STRING"]


def test_an_empty_search_finds_nothing_and_a_very_long_one_is_refused(visitor, session_id):
    url = f"/wheel/{session_id}/find"
    assert "found-token" not in html_of(visitor.post(url, {"text": ""}, headers=HTMX))
    response = visitor.post(url, {"text": "x" * 201}, headers=HTMX)
    assert response.status_code == 400
    assert "at most 200 characters" in html_of(response)


def test_a_found_token_that_was_cut_is_nowhere_on_the_circle(visitor, session_id):
    visitor.get(f"/wheel/{session_id}", {"top_k": "1"})
    html = html_of(visitor.post(f"/wheel/{session_id}/find", {"text": "dog"}, headers=HTMX))
    assert "nowhere: the knobs have taken it off the wheel" in html
    assert "in the model itself" in html


def test_a_chip_goes_back_and_redo_comes_again(visitor, wheel_page, session_id):
    for _ in range(3):
        wheel_page = visitor.send(wheel_page, "/spin")
    before = history(session_id)
    wheel_page = visitor.send(wheel_page, "/rewind", num_kept="1")
    assert history(session_id) == before[:1]
    visitor.send(wheel_page, "/redo")
    assert history(session_id) == before[:2]


@pytest.mark.parametrize("num_kept", ["", "-1", "7", "x"])
def test_a_chip_that_is_not_there_changes_nothing(visitor, wheel_page, session_id, num_kept):
    wheel_page = visitor.send(wheel_page, "/spin")
    assert visitor.send(wheel_page, "/rewind", num_kept=num_kept).status_code == 400
    assert len(history(session_id)) == 1


def test_deleting_ends_at_the_start_page_which_says_so(visitor, wheel_page, session_id):
    response = visitor.send(wheel_page, "/delete")
    assert "Your session is deleted." in html_of(response)
    assert not visitor.cookies["last_wheels"].value
    assert visitor.get(f"/wheel/{session_id}").status_code == 404


@pytest.mark.parametrize("action", ["find", "delete", "redo", "rewind"])
def test_an_address_that_only_takes_forms_leads_back_to_the_wheel(visitor, action):
    session_id = start_session()
    response = visitor.get(f"/wheel/{session_id}/{action}")
    assert response.status_code == 302
    assert response["Location"] == f"/wheel/{session_id}"
