"""The lessons about one draw, the filters and the favourite in Chromium, done as a pupil does."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browser import keep_screenshot, new_context, note_complaints, wait_until
from tests.pages.test_axe import serious_findings

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
    "laptop": {"viewport": {"width": 1280, "height": 800}},
}
EVERY_SCREEN = pytest.mark.parametrize("screen", SCREENS)
OVERLAPS = """() => {
  const controls = [...document.querySelectorAll("main :is(a, button, input)")]
    .filter((control) => control.offsetParent !== null && control.type !== "hidden");
  const boxes = controls.map((control) => control.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1)
    .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
    .map((b) => [controls[i].textContent, JSON.stringify(b)]));
}"""


@pytest.fixture
def open_lesson(chromium, live_server, wheel_runtime):
    """Opens a lesson's first page; complaints of the browser fail the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(key, **options):
        context = new_context(chromium, **options)
        contexts.append(context)
        page = context.new_page()
        has_scripts = options.get("java_script_enabled", True)
        (note_complaints if has_scripts else ignore_blocked)(page, complaints)
        page.goto(f"{live_server.url}/lessons/{key}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def ignore_blocked(page, complaints):
    """Without scripts, a browser reports each script as blocked."""


def answer(page, key):
    page.check(f"input[name=prediction][value={key}]")
    page.click(".lesson-begin button")
    expect(page.locator("#experiment")).to_be_visible()


def check_layout(page, name):
    page.wait_for_load_state()  # with its styles
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OVERLAPS) == []
    assert serious_findings(page) == []
    keep_screenshot(page, name)


@EVERY_SCREEN
def test_the_filters_are_compared_and_changed_in_place_by_keyboard(open_lesson, screen):
    page = open_lesson("filters", **SCREENS[screen])
    page.focus("input[name=prediction]")
    page.keyboard.press("ArrowDown")  # chooses the second one
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Top-k 10 keeps 10 tokens.")
    check_layout(page, f"filters-{screen}")
    page.fill("#id_top_k", "3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Top-k 3")).to_be_visible()
    expect(page.locator("#id_top_k")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("Top-k 3 keeps 3 tokens.")
    assert "top_k=3" in page.url
    page.reload()
    expect(page.get_by_role("heading", name="Top-k 3")).to_be_visible()


def test_a_refused_value_leaves_the_wheels_and_says_what_is_wrong(
    chromium, open_wheel, live_server
):
    page = open_wheel()  # its complaints about answers with an error status do not count
    page.goto(f"{live_server.url}/lessons/filters/{page.session_id}?prediction=top_k")
    page.fill("#id_top_p", "7")
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_contain_text("Must be greater than 0 and at most 1.")
    expect(page.locator(".filter-column")).to_have_count(3)
    page.fill("#id_top_p", "0.5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Top-p 0.5")).to_be_visible()
    expect(page.locator("#problem")).to_be_hidden()


@EVERY_SCREEN
def test_both_texts_grow_token_by_token_and_other_luck_changes_one(open_lesson, screen):
    page = open_lesson("the-favourite", **SCREENS[screen])
    answer(page, "loop")
    check_layout(page, f"the-favourite-start-{screen}")
    page.click("#grow")
    expect(page.locator("#experiment[data-growing]")).to_be_visible()
    greedy, sampled = (page.locator(".growth-text").nth(idx) for idx in (0, 1))
    expect(greedy.locator(".chip").first).to_be_visible()
    expect(greedy.locator(".chip").last).to_be_hidden()
    page.keyboard.press("Escape")  # any key ends it
    expect(greedy.locator(".chip").last).to_be_visible()
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator("#grow")).to_be_focused()
    page.click("#growth-steps > summary")
    check_layout(page, f"the-favourite-{screen}")
    before = [text.text_content() for text in (greedy, sampled)]
    address = page.url
    page.click("#grow")
    wait_until(page, "(address) => location.href !== address", address)
    assert greedy.text_content() == before[0]
    assert sampled.text_content() != before[1]


def test_with_reduced_motion_the_texts_are_there_at_once(open_lesson):
    page = open_lesson("the-favourite", reduced_motion="reduce")
    answer(page, "best")
    page.click("#grow")
    expect(page.locator(".growth-text .chip").last).to_be_visible()
    assert page.locator("#experiment[data-growing]").count() == 0


@EVERY_SCREEN
def test_the_tour_runs_on_the_wheel_and_leads_back_to_the_comparison(open_lesson, screen):
    page = open_lesson("one-draw-after-another", **SCREENS[screen], reduced_motion="reduce")
    answer(page, "sometimes")
    check_layout(page, f"one-draw-start-{screen}")
    page.evaluate("localStorage.setItem('tokenwheel-guide', 'seen')")
    page.click("#tour-begin")
    words, follow = page.locator("#guide-words"), page.locator("[data-guide-next]")
    expect(words).to_contain_text("1 of 5")
    assert "tour" not in page.url
    follow.click()
    expect(words).to_contain_text("2 of 5")
    page.click("#spin")
    expect(words).to_contain_text("The wheel stopped at")
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    for number in (3, 4, 5):
        follow.click()
        expect(words).to_contain_text(f"{number} of 5")
    page.fill("#knob-temperature", "0.5")
    expect(words).to_contain_text("Colder")
    page.click("[data-guide-lesson]")
    expect(page.locator(".verdict")).to_contain_text(re.compile("won [01] of 1 draw"))
    check_layout(page, f"one-draw-{screen}")


def test_without_scripts_every_lesson_works(open_lesson):
    page = open_lesson("filters", java_script_enabled=False)
    answer(page, "top_k")
    page.fill("#id_min_p", "0.5")
    page.click("#cut")
    expect(page.get_by_role("heading", name="Min-p 0.5")).to_be_visible()
    page = open_lesson("the-favourite", java_script_enabled=False)
    answer(page, "same")
    page.click("#grow")
    expect(page.locator(".growth-text .chip").last).to_be_visible()
    expect(page.locator(".verdict")).to_be_visible()
    page = open_lesson("one-draw-after-another", java_script_enabled=False)
    answer(page, "always")
    expect(page.locator(".tour-steps li")).to_have_count(5)
    back = page.url
    page.click("#tour-begin")
    page.click("#spin")
    expect(page.locator("button.chip")).to_have_count(1)
    page.goto(back)
    expect(page.locator(".verdict")).to_be_visible()
