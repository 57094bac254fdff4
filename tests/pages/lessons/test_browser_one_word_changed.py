"""Lesson "One word changed" in Chromium, as a pupil does it."""

import pytest
from playwright.sync_api import expect

from tests.pages.lessons.test_browser_guess_first import SIZES, assert_tidy
from tests.pages.test_axe import serious_findings

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_lesson(open_wheel, live_server):
    def open_page(**options):
        page = open_wheel(**options)
        page.goto(f"{live_server.url}/lessons/one-word-changed")
        return page

    return open_page


def begin(page):
    page.check("input[value=some]")
    page.fill("#id_prompt", "The cat sat on the")
    page.fill("#id_other_prompt", "The dog sat on the")
    page.click("text=Let's see")
    expect(page.locator(".change-chart")).to_be_visible()


@SIZES
def test_two_texts_are_compared_and_one_is_changed(open_lesson, size):
    width, height = size
    page = open_lesson(viewport={"width": width, "height": height})
    assert_tidy(page)
    assert serious_findings(page) == []
    begin(page)
    assert_tidy(page)
    assert serious_findings(page) == []
    tops = [page.locator(".side").nth(idx).bounding_box()["y"] for idx in (0, 1)]
    assert (tops[0] == tops[1]) == (width > 700)
    before = page.inner_text(".distance-sentence")
    page.fill("#second-prompt", "The token sat on a wheel")
    page.click("#change-second")
    expect(page.locator(".distance-sentence")).not_to_have_text(before)
    expect(page.locator("#change-second")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text(page.inner_text(".distance-sentence"))
    page.fill("#first-prompt", " ")
    page.click("#change-first")
    expect(page.locator("#first-prompt_error")).to_be_visible()
    expect(page.locator("#second-prompt")).to_have_value("The token sat on a wheel")
    assert_tidy(page)


def test_the_lesson_can_be_done_with_the_keyboard_alone(open_lesson):
    page = open_lesson()
    page.focus("input[value=little]")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".change-chart")).to_be_visible()
    page.focus("#first-prompt")
    page.keyboard.press("Control+A")
    page.keyboard.type("The dog sat on the")
    page.keyboard.press("Tab")
    before = page.inner_text(".distance-sentence")
    page.keyboard.press("Enter")
    expect(page.locator(".distance-sentence")).not_to_have_text(before)


def test_the_lesson_can_be_done_without_scripts(open_lesson):
    page = open_lesson(java_script_enabled=False)
    begin(page)
    before = page.inner_text(".distance-sentence")
    page.fill("#second-prompt", "The token sat on a wheel")
    page.click("#change-second")
    expect(page.locator(".distance-sentence")).not_to_have_text(before)
