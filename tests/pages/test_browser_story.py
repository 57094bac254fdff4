"""The whole use of the pages in Chromium: every size, touch, keyboard, paper."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browser import keep_screenshot, spin
from tests.pages.conftest import history

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}
WAYS: dict[str, dict[str, Any]] = {
    "phone": PHONE,
    "laptop": {"viewport": {"width": 1280, "height": 800}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "still": {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"},
    "zoomed": {"viewport": {"width": 640, "height": 400}},  # 1280 px at 200 %
    "small": {"viewport": {"width": 320, "height": 568}},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_text_is_started_spun_undone_opened_reshaped_and_searched_on_every_screen(
    open_wheel, live_server, way
):
    page = open_wheel(**WAYS[way])
    page.goto(live_server.url)
    page.fill("#id_prompt", "The cat sat on the")
    keep_screenshot(page, f"{way}-1-start")
    page.click(".start-button")
    expect(page.locator("#spin")).to_be_visible()
    go_back_and_forth(page, way)
    open_other(page, way)
    turn_the_knobs(page, way)
    find_a_token(page, way)
    expect(page.locator("body")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def go_back_and_forth(page, way):
    page.click("#spin")
    expect(page.locator("button.chip")).to_have_count(1)
    keep_screenshot(page, f"{way}-2-spun")
    page.click("#undo")
    expect(page.locator("button.chip")).to_have_count(0)
    page.click("#redo")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#redo")).to_be_disabled()


def open_other(page, way):
    page.click("#open-other")
    expect(page.locator(".trail")).to_contain_text("Other")
    page.locator(".tokens a", has_text="Open").first.click()
    expect(page.locator(".trail strong")).to_contain_text("ranks")
    keep_screenshot(page, f"{way}-3-other")
    page.click("text=The whole wheel")
    expect(page.locator(".trail")).to_have_count(0)


def turn_the_knobs(page, way):
    page.click("#knobs > summary")
    if not page.locator("#knob-top_k").is_visible():
        page.click("label[for=show-top_k]")
    page.fill("#knob-top_k", "2")
    expect(page.locator(".ring-removed").first).to_be_attached()
    expect(page.locator("path.segment-token")).to_have_count(2)
    keep_screenshot(page, f"{way}-4-ring")
    page.click("#knobs > summary")
    page.click("text=Reset the knobs")
    expect(page.locator(".ring")).to_have_count(0)
    expect(page.locator("#knob-top_k")).to_have_value("0")


def find_a_token(page, way):
    page.click("#find-panel > summary")
    page.fill("#find-text", "dog")
    expect(page.locator(".found-token")).to_have_count(2)
    keep_screenshot(page, f"{way}-5-found")
    page.locator(".found-token a").first.click()
    expect(page.locator(".mark")).to_be_attached()


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
    page.wait_for_timeout(1300)
    assert page.evaluate("shifts.reduce((sum, value) => sum + value, 0)") < 0.01
