"""The whole use of the pages in Chromium: every size, touch, keyboard, paper."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browser import keep_screenshot, spin, wait_for_arrival, wait_for_frame
from tests.pages.conftest import history

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}


def test_a_finger_s_first_tap_shows_the_numbers_and_the_second_goes_back(open_wheel):
    page = open_wheel(**PHONE)
    spin(page)
    spin(page)
    chip = page.locator("button.chip").first
    chip.tap()
    detail = page.locator("#chip-detail")
    expect(detail).to_contain_text("bits of surprise")
    detail.locator("summary").tap()
    expect(detail.locator("[data-more]")).to_contain_text("rank")
    assert len(history(page.session_id)) == 2
    chip.tap()
    expect(page.locator("button.chip")).to_have_count(0)
    assert history(page.session_id) == ()


def test_the_page_can_be_used_by_keyboard_alone(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    page.locator("#spin").focus()
    page.keyboard.press("Enter")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#spin")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("button.chip")).to_have_count(2)
    page.locator("button.chip").last.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#chip-0")).to_be_focused()
    expect(page.locator("#chip-detail")).to_be_visible()
    expect(page.locator("#chip-0")).to_have_accessible_description(re.compile("bits of surprise"))
    page.keyboard.press("Escape")
    expect(page.locator("#chip-detail")).to_be_hidden()
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.matches('.chip')")
    page.locator("#chip-0").focus()
    page.keyboard.press("Enter")
    expect(page.locator("button.chip")).to_have_count(0)
    page.keyboard.press("Space")
    assert history(page.session_id) == ()


def test_escape_closes_the_menu_and_gives_the_focus_back(open_wheel):
    page = open_wheel()
    page.locator("#menu > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".menu-sheet")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".menu-sheet")).to_be_hidden()
    expect(page.locator("#menu > summary")).to_be_focused()


def test_an_explanation_opens_over_the_page_and_closes_at_a_click_elsewhere(open_wheel):
    page = open_wheel()
    height = page.evaluate("document.documentElement.scrollHeight")
    page.locator("#dial-caption .help-mark").click()
    expect(page.locator("#dial-caption .help-text")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") == height
    page.mouse.click(5, 5)
    expect(page.locator("#dial-caption .help-text")).to_be_hidden()


def test_on_paper_there_is_nothing_to_press(open_wheel):
    page = open_wheel()
    page.emulate_media(media="print")
    for part in ("#spin", "#menu", "#knobs", "#undo", ".col-choose .button"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator("[data-disc]")).to_be_visible()
    expect(page.locator("table.tokens")).to_be_visible()
    keep_screenshot(page, "print")


def test_for_a_projector_everything_is_two_steps_larger(open_wheel):
    page = open_wheel()
    page.click("#menu > summary")
    page.check("#size-2")
    page.keyboard.press("Escape")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "25px"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep_screenshot(page, "projector")


def test_nothing_shifts_through_two_spins(open_wheel):
    page = open_wheel()
    page.evaluate(
        """() => {
          window.shifts = [];
          const note = (entry) => entry.hadRecentInput || window.shifts.push(entry.value);
          const observer = new PerformanceObserver((list) => list.getEntries().forEach(note));
          observer.observe({ type: "layout-shift", buffered: true });
        }"""
    )
    for num in (1, 2):
        page.click("#spin")
        expect(page.locator("button.chip")).to_have_count(num)
    wait_for_arrival(page)
    wait_for_frame(page)
    assert page.evaluate("shifts.reduce((sum, value) => sum + value, 0)") < 0.01
