"""Widths and coverage of the wheel page on narrow screens, in all its states."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WIDTHS = (320, 360, 390)
LONG_TEXT = "antidisestablishmentarianism/" * 2
RARE = "?temperature=0.04&top_p=0.9"  # the page shows shares such as "1 in 31,000,000,000"
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


@EVERY_WIDTH
@pytest.mark.parametrize("size", [1, 2])
def test_larger_text_keeps_the_width(open_wheel, width, size):
    page = open_wheel(query=RARE, viewport={"width": width, "height": 740})
    page.click("#menu > summary")
    page.click(f"#size-{size}")
    page.click("#menu > summary")
    assert faults(page, "larger") == []


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
