"""The whole course by keyboard alone, from its list to what each lesson's first control does."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import guide_seen, new_context
from wheel.pages.lessons.course import COURSE

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MAX_TABS = 150

# The control of each experiment, and what is there once it was pressed.
FIRST_CONTROLS = {
    "one-draw-after-another": ("#tour-begin", "#guide-words"),
    "many-spins": (".spin-choices button", ".spin-bars"),
    "same-luck": (".luck-choices .button-primary", ".luck-grid"),
    "filters": ("#experiment form button", ".verdict"),
    "the-favourite": ("#grow", ".growth-texts"),
    "guess-first": (".guess-token", "a:text('Next round')"),
    "surprising-text": ("#scores-panel > summary", "#scores-panel[open]"),
    "one-word-changed": ("#experiment form button", ".change-bar"),
    "tokens-are-not-words": ("#id_text", ".tile"),
    "counting-model": ("#experiment .button-primary", ".counting-stories"),
}


def tab_to(page, selector):
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


@pytest.mark.parametrize("lesson", [page.lesson for page in COURSE], ids=lambda one: one.key)
def test_every_lesson_can_be_done_by_keyboard(chromium, live_server, wheel_runtime, lesson):
    context = new_context(chromium, storage_state=guide_seen(live_server.url))
    page = context.new_page()
    page.goto(f"{live_server.url}/lessons")
    tab_to(page, f"a[href$='/lessons/{lesson.key}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/lessons/{lesson.key}")
    if lesson.choices:
        tab_to(page, "input[name=prediction]")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    tab_to(page, "main .button-primary")
    page.keyboard.press("Enter")
    expect(page.locator("#experiment")).to_be_visible()
    control, result = FIRST_CONTROLS[lesson.key]
    tab_to(page, control)
    page.keyboard.press("Enter")
    expect(page.locator(result).first).to_be_visible()
    context.close()
