"""Widths and coverage of the wheel page on narrow screens, in all its states."""

from itertools import product

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WIDTHS = (320, 360, 390)
LONG_TEXT = "antidisestablishmentarianism/" * 2
RARE = "?temperature=0.04&top_p=0.9"  # the page shows shares such as "1 in 31,000,000,000"
SIZES = ("normal", "large", "largest")
SET_SIZE = "(size) => { document.documentElement.dataset.textSize = size; }"
EVERY_WIDTH = pytest.mark.parametrize("width", WIDTHS)

# Elements that are wider than the page, or reach beyond its edges. What scrolls by itself or is
# hidden from view does not count.
WIDER_THAN_THE_PAGE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > width + 0.5)
    .map((element) => `${element.tagName} ${element.getAttribute("class")} ${element.id}`);
}"""

# Controls whose middle belongs to another element once they are scrolled into view.
COVERED = """(root) => {
  const controls = "a[href], button, input:not([type=hidden]), textarea, summary";
  const isThere = (element) =>
    !element.disabled &&
    element.checkVisibility({ visibilityProperty: true }) &&
    element.getBoundingClientRect().width > 2 &&
    !element.closest(".visually-hidden, .skip-link, thead");
  const isCovered = (element) => {
    element.scrollIntoView({ block: "nearest", behavior: "instant" });
    const box = [...element.getClientRects()].at(-1);
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return !element.contains(hit) && !hit?.contains(element.labels?.[0] ?? null);
  };
  return [...document.querySelector(root).querySelectorAll(controls)]
    .filter(isThere)
    .filter(isCovered)
    .map((element) => `${element.tagName} ${element.id} ${element.textContent.trim()}`);
}"""


def faults(page, state, root="body"):
    """What reaches beyond the edge of the page, and the controls within `root` that are covered."""
    page.wait_for_load_state()  # with the style sheets
    wide = [f"{state}: wide: {name}" for name in page.evaluate(WIDER_THAN_THE_PAGE)]
    covered = [f"{state}: covered: {name}" for name in page.evaluate(COVERED, root)]
    return wide + covered


def open_panels(page, *panel_ids):
    for panel_id in panel_ids:
        page.click(f"#{panel_id} > summary")


@EVERY_WIDTH
def test_the_wheel_page_keeps_its_width_and_covers_no_control_through_a_story(open_wheel, width):
    page = open_wheel(reduced_motion="reduce", viewport={"width": width, "height": 640})
    found = faults(page, "start")
    spin(page)
    page.wait_for_selector(".disc-before", state="detached")
    open_panels(page, "receipt-details", "new-text-panel", "glossary-panel", "find-panel")
    page.fill("#find-text", "dog")
    expect(page.locator(".found-token").first).to_be_visible()
    found += faults(page, "after a spin, all panels open")
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    found += faults(page, "opened")
    page.locator("#tokens-panel a").first.click()
    expect(page.locator(".trail a")).to_have_count(2)
    found += faults(page, "opened twice")
    page.click("#menu > summary")
    page.click("#delete-details > summary")
    found += faults(page, "menu", ".menu")
    assert found == []


@EVERY_WIDTH
def test_every_explanation_opens_within_the_page(open_wheel, width):
    page = open_wheel(query="?top_k=5", viewport={"width": width, "height": 640})
    found = []
    for mark in page.locator(".help-mark:visible").all():
        mark.evaluate("(mark) => mark.parentElement.toggleAttribute('open', true)")
        text = mark.locator("xpath=../*[contains(@class, 'help-text')]").bounding_box()
        if text["x"] < 0 or text["x"] + text["width"] > width:
            found.append(text)
        found += faults(page, "explanation", ".masthead")
        mark.evaluate("(mark) => mark.parentElement.toggleAttribute('open', false)")
    assert found == []


def test_the_list_and_the_legend_keep_within_their_columns(open_wheel):
    page = open_wheel()
    for width, size in product((1024, 1280, 1366, 1920), SIZES):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(SET_SIZE, size)
        for inner, outer in ((".tokens", ".long-form"), (".legend-step:last-child", ".story")):
            inner_box, outer_box = (page.locator(each).bounding_box() for each in (inner, outer))
            inner_end, outer_end = (box["x"] + box["width"] for box in (inner_box, outer_box))
            assert inner_end <= outer_end + 0.5, (width, size, inner)


@EVERY_WIDTH
def test_rare_and_long_tokens_and_set_knobs_keep_the_width(open_wheel, width):
    page = open_wheel(prompt=LONG_TEXT, query=RARE, viewport={"width": width, "height": 640})
    closed = page.locator("#knobs[open]")
    found = faults(page, "knobs set, sheet", "#knobs")
    if closed.count():
        page.click("#knobs > summary")
    found += faults(page, "knobs set")
    page.locator("#tokens-panel [name=token_id]").last.click()
    expect(page.locator("button.chip")).to_have_count(1)
    open_panels(page, "receipt-details")
    found += faults(page, "a removed token chosen")
    page.goto(f"{page.url.partition('?')[0]}?temperature=1.5&threshold=0.05&rank=70")
    expect(page.locator(".trail")).to_be_visible()
    found += faults(page, "opened with a knob set")
    assert found == []


def test_larger_text_keeps_the_width(open_wheel):
    page = open_wheel(query=RARE)
    for width, size in product(WIDTHS, SIZES[1:]):
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate(SET_SIZE, size)
        assert page.evaluate(WIDER_THAN_THE_PAGE) == [], (width, size)
        legend, story = (page.locator(name).bounding_box() for name in (".legend", ".story"))
        assert legend["y"] + legend["height"] <= story["y"] + story["height"], (width, size)


@EVERY_WIDTH
def test_the_other_pages_and_states_keep_the_width(open_wheel, live_server, width):
    page = open_wheel(prompt=None, viewport={"width": width, "height": 640})
    found = faults(page, "no prompt")
    for path in ("/", "/join", "/wheel/nowhere", "/no/such/page"):
        page.goto(live_server.url + path)
        found += faults(page, path)
    assert found == []


@EVERY_WIDTH
def test_a_problem_keeps_the_width(open_wheel, width):
    page = open_wheel(viewport={"width": width, "height": 640})
    services.spin(session_id=page.session_id)
    page.click("#spin")
    expect(page.locator("#problem .problem")).to_be_visible()
    found = faults(page, "stale")
    services.delete_session(session_id=page.session_id)
    page.click("#spin")
    expect(page.locator("#problem form")).to_be_visible()
    found += faults(page, "gone")
    assert found == []
