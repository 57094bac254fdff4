"""GET /wheel/<id>, with the knobs as its query."""

import re
from html.parser import HTMLParser

import pytest

from tests.pages.conftest import history, start_session
from wheel import services

TEXT_ATTRIBUTES = {
    *("data-text", "data-share", "data-name", "data-sentence"),
    *("aria-label", "aria-current", "title", "content", "lang"),
}


def html_of(response):
    return response.content.decode()


class AttributeCollector(HTMLParser):
    """Collects the attributes of a page that scripts, style sheets and servers read."""

    def __init__(self, html):
        super().__init__()
        self.attributes = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if ("name", "csrfmiddlewaretoken") not in attrs:
            self.attributes += [
                (tag, name, value) for name, value in attrs if name not in TEXT_ATTRIBUTES
            ]


def test_the_wheel_page_shows_every_token_of_the_prompt_as_a_chip(wheel_page):
    assert wheel_page.status_code == 200
    assert html_of(wheel_page).count("chip-prompt") == 5
    assert "␣cat" in html_of(wheel_page)


def test_every_segment_is_drawn_and_other_comes_last(wheel_page, session_id):
    wheel = services.next_wheel(session_id=session_id).wheel
    html = html_of(wheel_page)
    assert html.count("segment-token") == wheel.num_above
    assert html.rindex("segment-other") > html.rindex("segment-token")
    assert f"{wheel.num_other} other tokens" in html


def test_there_is_a_row_for_every_segment_and_for_the_ten_first_of_other(
    visitor, wheel_page, session_id
):
    wheel = services.next_wheel(session_id=session_id).wheel
    buttons = visitor.form(wheel_page, "/choose")["buttons"]
    expected = wheel.distribution.ranked_token_ids[: wheel.num_above + 10].tolist()
    assert buttons == [("token_id", str(token_id)) for token_id in expected]


def test_the_wheel_page_is_never_kept_by_a_cache(wheel_page):
    assert "no-store" in wheel_page["Cache-Control"]
    assert "HX-Request" in wheel_page["Vary"]


def test_the_wheel_page_has_no_inline_style_and_no_inline_script(wheel_page):
    html = html_of(wheel_page)
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick" not in html
    assert html.count("<script") == html.count(" src=")


def test_before_the_first_spin_there_is_nothing_to_undo(wheel_page):
    assert "Nothing drawn yet" in html_of(wheel_page)
    assert is_disabled(wheel_page, "undo")
    assert is_disabled(wheel_page, "redo")
    assert history(wheel_page.context["stage"].session_id) == ()


def test_undo_and_redo_can_be_pressed_while_there_is_something_to_undo_or_redo(visitor, wheel_page):
    after_spin = visitor.send(wheel_page, "/spin")
    assert (is_disabled(after_spin, "undo"), is_disabled(after_spin, "redo")) == (False, True)
    after_undo = visitor.send(after_spin, "/undo")
    assert (is_disabled(after_undo, "undo"), is_disabled(after_undo, "redo")) == (True, False)


def is_disabled(response, button_id):
    (button,) = re.findall(rf'<button[^>]*id="{button_id}"[^>]*>', html_of(response))
    return "disabled" in button


def test_the_knobs_reshape_the_wheel_and_are_remembered(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}", {"temperature": "0.5", "top_k": "3"})
    assert page.status_code == 200
    assert html_of(page).count("segment-token") == 3
    assert "Reset" in html_of(page)
    again = visitor.get(f"/wheel/{session_id}")
    assert visitor.form(again, "/spin")["fields"]["top_k"] == "3"


def test_the_knobs_are_a_form_of_five_numbers(visitor, wheel_page, session_id):
    response = visitor.send(wheel_page, session_id, temperature="2")
    assert response.status_code == 200
    fields = visitor.form(response, session_id)["fields"]
    assert fields == {
        "temperature": "2",
        "top_k": "0",
        "top_p": "1",
        "min_p": "0",
        "threshold": "0.01",
    }


def test_reset_leads_back_to_the_neutral_wheel(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}", {"temperature": "2"})
    query = page.context["knobs"].reset_query
    response = visitor.get(f"/wheel/{session_id}?{query}")
    assert ">Reset<" not in html_of(response)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", "nan"),
        ("temperature", "0"),
        ("temperature", "-1"),
        ("temperature", "1e999"),
        ("temperature", "warm"),
        ("top_k", "1.5"),
        ("top_k", "-1"),
        ("top_k", "401"),
        ("top_k", "9" * 5000),
        ("top_p", "0"),
        ("top_p", "1.1"),
        ("min_p", "inf"),
        ("threshold", "2"),
        ("threshold", "\0"),
    ],
)
def test_a_knob_that_is_out_of_range_is_told_beside_it_and_the_wheel_stays(
    visitor, session_id, name, value
):
    response = visitor.get(f"/wheel/{session_id}", {name: value})
    assert response.status_code == 400
    knobs = {knob.spec.name: knob for knob in response.context["knobs"]}
    assert knobs[name].errors
    assert knobs[name].value == value
    assert "segment-token" in html_of(response)


def test_a_knob_that_is_left_empty_stays_as_it_is(visitor, session_id):
    visitor.get(f"/wheel/{session_id}", {"top_k": "3"})
    response = visitor.get(f"/wheel/{session_id}", {"top_k": "", "temperature": "0.7"})
    assert visitor.form(response, "/spin")["fields"]["top_k"] == "3"


def test_a_threshold_of_zero_shows_the_narrow_segments_as_one(visitor, session_id):
    response = visitor.get(f"/wheel/{session_id}", {"threshold": "0"})
    assert response.status_code == 200
    assert html_of(response).count("segment-token") == 200
    assert "segment-narrow" in html_of(response)
    assert "segment-other" not in html_of(response)


def test_one_segment_of_a_whole_turn_is_drawn(visitor, session_id):
    response = visitor.get(f"/wheel/{session_id}", {"top_k": "1"})
    assert "100%" in html_of(response)
    assert html_of(response).count("segment-token") == 1


def test_a_session_without_a_prompt_asks_for_one(visitor):
    response = visitor.get(f"/wheel/{start_session(prompt=None)}")
    assert response.status_code == 200
    assert "There is no text yet" in html_of(response)
    assert visitor.send(response, "/prompt", prompt="The").status_code == 200


def test_a_full_context_window_is_told_and_can_be_undone(visitor):
    session_id = start_session(prompt="x" * 62)
    page = visitor.get(f"/wheel/{session_id}")
    while page.context["stage"].view is not None:
        page = visitor.send(page, "/spin")
    assert page.status_code == 200
    assert "context window is full" in html_of(page)
    assert "segment-token" in html_of(visitor.send(page, "/undo"))


@pytest.mark.parametrize(
    "name", ["7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57", "nonsense", "1", "%00", "🙂", "x" * 3000]
)
def test_an_unknown_session_is_a_friendly_404(visitor, name):
    response = visitor.get(f"/wheel/{name}")
    assert response.status_code == 404
    assert "Start again" in html_of(response)


def test_a_deleted_session_is_told_the_same(visitor, session_id):
    services.delete_session(session_id=session_id)
    assert "This wheel is gone" in html_of(visitor.get(f"/wheel/{session_id}"))


def test_a_busy_engine_is_a_503_that_says_when_to_try_again(visitor, session_id, broken_engine):
    response = visitor.get(f"/wheel/{session_id}")
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert "busy" in html_of(response)


QUERIES = [
    "",
    "?top_k=3&temperature=0.7",
    "?rank=70",
    "?rank=70&depth=1",
    "?rank=1",
    "?threshold=0",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_language_with_a_decimal_comma_breaks_no_form_and_no_drawing(
    visitor, session_id, settings, query
):
    services.spin(session_id=session_id)
    english = html_of(visitor.get(f"/wheel/{session_id}{query}"))
    settings.LANGUAGE_CODE = "nl"
    dutch = html_of(visitor.get(f"/wheel/{session_id}{query}"))
    assert re.search(r"\d,\d%", dutch)
    assert not re.search(r"\d\.\d%", dutch)
    assert attributes_of(dutch) == attributes_of(english)


def test_a_language_with_a_decimal_comma_breaks_no_landing_of_a_spin(visitor, settings):
    session_id = start_session()
    page = visitor.get(f"/wheel/{session_id}?threshold=1")
    settings.LANGUAGE_CODE = "nl"
    html = html_of(visitor.ask(page, "/spin"))
    angles = re.findall(r'data-angle-degrees="([^"]*)"', html)
    assert len(angles) > 1
    for angle in angles:
        assert 0 <= float(angle) < 360
    assert re.search(r"\d,\d%", html)
    assert not re.search(r' (?:d|transform|font-size|data-end)="[^"]*,', html)


def attributes_of(html):
    collected = AttributeCollector(html).attributes
    assert len(collected) > 300
    return collected
