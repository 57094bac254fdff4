"""The lesson "Same luck, other temperature" in a browser, as a pupil does it."""

import pytest
from playwright.sync_api import expect

from tests.pages.lessons.browser_checks import (
    LAPTOP,
    PHONE,
    answer_by_keyboard,
    assert_fits,
    focused_id,
    tab_to,
)
from tests.pages.test_axe import serious_findings

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Whether all five temperatures are in the window, each above its own column.
COLUMNS_IN_SIGHT = """
    () => {
      const heads = [...document.querySelectorAll(".luck-column")];
      const cells = [...document.querySelectorAll(".luck-chosen > .luck-cell")];
      return heads.length === 5 && heads.every((head, idx) => {
        const [above, below] = [head, cells[idx]].map((place) => place.getBoundingClientRect());
        const middle = (below.left + below.right) / 2;
        return above.left < middle && middle < above.right && above.right <= innerWidth;
      });
    }
"""
# Tokens that are wider than their cell.
CUT = """
    [...document.querySelectorAll(".luck-cell")]
      .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
      .map((cell) => cell.textContent.trim())
"""


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_pupil_predicts_and_follows_one_stop_by_keyboard_alone(open_wheel, live_server, viewport):
    page = open_wheel(viewport=viewport)
    answer_by_keyboard(page, live_server.url, "same-luck", num_down=2)
    assert_fits(page)
    assert page.evaluate(COLUMNS_IN_SIGHT)
    assert page.evaluate(CUT) == []
    expect(page.locator(".finding-answer")).to_contain_text("of 20 stops")
    seed = page.locator(".spin-seed").text_content()
    tab_to(page, "stop-5")
    page.keyboard.press("Enter")
    expect(page.locator("#stop-5")).to_have_attribute("aria-current", "true")
    assert focused_id(page) == "stop-5"
    angle = page.locator("#stop-5 .luck-angle").text_content()
    expect(page.locator(".luck-corner")).to_contain_text(f"All pointers at {angle}")
    expect(page.locator("#announcer")).to_contain_text(f"The pointer is at {angle}")
    assert page.locator(".spin-seed").text_content() == seed
    assert f"seed={seed}" in page.url
    assert serious_findings(page) == []
    tab_to(page, "new-luck", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".spin-seed")).not_to_have_text(seed)
    assert focused_id(page) == "new-luck"


def test_without_scripts_and_on_a_dark_phone_every_link_shows_its_grid(open_wheel, live_server):
    page = open_wheel(java_script_enabled=False, viewport=PHONE, color_scheme="dark")
    page.goto(f"{live_server.url}/lessons/same-luck/{page.session_id}")
    page.check("#id_prediction_1")
    page.click(".lesson-begin button")
    seed = page.locator(".spin-seed").text_content()
    page.click("#stop-20")
    expect(page.locator("#stop-20")).to_have_attribute("aria-current", "true")
    page.click("#stops-1")
    expect(page.locator(".luck-stop")).to_have_count(1)
    expect(page.locator(".spin-seed")).to_have_text(seed)
    page.click("#new-luck")
    expect(page.locator(".spin-seed")).not_to_have_text(seed)
