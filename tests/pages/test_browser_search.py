"""The search in Chromium: its results are about the wheel on show."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from wheel import services
from wheel.pages.panels.search import find_tokens
from wheel.pages.words.numbers import count

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TEXT = "dog"


@pytest.fixture
def page(open_wheel):
    """A wheel on which a token was searched for."""
    page = open_wheel(reduced_motion="reduce")
    page.click("#find-panel > summary")
    page.fill("#find-text", TEXT)
    expect_places_of_wheel(page)
    return page


def expect_places_of_wheel(page):
    """The results are the ranks on the session's newest wheel, which is on show."""
    view = services.next_wheel(session_id=page.session_id)
    ranks = [f"{count(place.rank)} of" for place in find_tokens(view, TEXT)]
    expect(page.locator("#found .facts div:nth-child(3) dd")).to_have_text(
        [re.compile(rf"^\s*{re.escape(rank)} ") for rank in ranks]
    )


def test_the_results_follow_every_change_of_the_text_and_the_knobs(page):
    shown = [page.text_content("#found")]
    spin(page)
    for selector in (None, "#undo", "#redo", "#choose-1", "button.chip >> nth=0"):
        if selector:
            rev = page.get_attribute("#story-change", "data-rev")
            page.click(selector)
            expect(page.locator("#story-change")).not_to_have_attribute("data-rev", rev)
        expect_places_of_wheel(page)
        shown.append(page.text_content("#found"))
    assert len(set(shown)) >= 3
    expect(page.locator("#find-text")).to_have_value(TEXT)


def test_the_results_follow_a_knob(page):
    before = page.text_content("#found")
    page.click("#knobs > summary")
    page.fill("#knob-top_k", "1")
    expect(page.locator("#found")).to_contain_text("the knobs have taken it off the wheel")
    assert page.text_content("#found") != before
    expect_places_of_wheel(page)


def test_results_behind_a_closed_panel_go_with_their_wheel(page):
    page.click("#find-panel > summary")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    spin(page)
    expect(page.locator("#found")).to_be_empty()
    assert not [url for url in asked if url.endswith("/find")]
    page.click("#find-panel > summary")
    page.press("#find-text", "Enter")
    expect_places_of_wheel(page)


def test_results_without_a_text_to_search_for_go_with_their_wheel(page):
    page.evaluate("document.getElementById('find-text').value = ' '")
    spin(page)
    expect(page.locator("#found")).to_be_empty()
    expect(page.locator("#find-panel")).to_have_attribute("open", "")
