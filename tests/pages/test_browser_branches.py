"""Branches of a story in Chromium: left and gone back to by keyboard, on every size."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browser import keep_screenshot, spin
from tests.pages.conftest import history
from tests.pages.test_axe import serious_findings
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MAT, DOG, LOG, ROME = 280, 290, 300, 310
SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
    "laptop": {"viewport": {"width": 1280, "height": 800}},
}
EVERY_SIZE = pytest.mark.parametrize("size", SIZES)


def part(session_id):
    """MAT DOG LOG, then MAT ROME, then LOG, on which the story is."""
    for num_kept, token_ids in [(0, [MAT, DOG, LOG] * 4), (1, [ROME]), (0, [LOG])]:
        if history(session_id):
            services.rewind(session_id=session_id, num_kept=num_kept)
        for token_id in token_ids:
            services.append_token(session_id=session_id, token_id=token_id)


def ids(session_id):
    return [step.token_id for step in history(session_id)]


def assert_nothing_overflows(page):
    page.wait_for_load_state()  # with the style sheets
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@EVERY_SIZE
def test_a_way_that_was_left_is_gone_back_to_by_keyboard_on_the_wheel_page(open_wheel, size):
    page = open_wheel(reduced_motion="reduce", **SIZES[size])
    spin(page)
    first = ids(page.session_id)
    page.locator("#chip-0").focus()
    page.keyboard.press("Enter")
    expect(page.locator("button.chip")).to_have_count(0)
    spin(page)
    assert ids(page.session_id) != first  # the draws of this seed
    expect(page.locator("#branches-panel")).to_be_visible()
    page.locator("#branches-panel > summary").focus()
    page.keyboard.press("Enter")
    assert_nothing_overflows(page)
    page.keyboard.press("Tab")
    expect(page.locator("#branch-1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#branch-2")).to_be_visible()  # the panel stays open
    assert ids(page.session_id) == first
    shown = page.locator("button.chip").evaluate_all("all => all.map((c) => +c.dataset.tokenId)")
    assert shown == first
    expect(page.locator("#announcer")).to_contain_text("Back on Branch 1.")
    spin(page)
    assert len(history(page.session_id)) == 2


@EVERY_SIZE
def test_the_tree_and_the_comparison_fit_the_screen_and_lead_back_to_a_branch(
    open_wheel, live_server, size
):
    page = open_wheel(**SIZES[size])
    part(page.session_id)
    page.goto(f"{live_server.url}/wheel/{page.session_id}")
    page.click("#branches-panel > summary")
    page.get_by_role("link", name="The story as a tree").click()
    expect(page.locator(".tree-picture")).to_be_visible()
    assert_nothing_overflows(page)
    page.get_by_label("First branch").select_option("1")
    page.get_by_label("Second branch").select_option("2")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".branch-side")).to_have_count(2)
    page.locator(".branch-numbers > summary").click()
    assert_nothing_overflows(page)
    keep_screenshot(page, f"branches-{size}")
    assert serious_findings(page) == []
    page.locator("#branch-list button[value='2']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("button.chip")).to_have_count(2)
    assert ids(page.session_id) == [MAT, ROME]


def test_the_tree_fits_the_narrowest_screen_without_javascript(open_wheel, live_server):
    page = open_wheel(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    part(page.session_id)
    page.goto(f"{live_server.url}/wheel/{page.session_id}/branches?first=1&second=3")
    sizes = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert sizes[0] <= sizes[1]
    page.locator("#branch-list button[value='1']").click()
    expect(page.locator("button.chip")).to_have_count(12)
