"""The lesson "Spin it 1,000 times" in a browser, as a pupil does it."""

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

NOTE_STEPS = """
    () => {
      window.steps = [];
      const note = () => {
        const number = document.querySelector(".spin-number")?.textContent;
        if (number && number !== window.steps.at(-1)) window.steps.push(number);
      };
      new MutationObserver(note).observe(document.querySelector("main"), {
        childList: true, subtree: true, characterData: true,
      });
    }
"""


def spun(page, number):
    """Wait until this many spins are on show and the bars stand still."""
    expect(page.locator(".spin-number")).to_have_text(number)
    expect(page.locator("#spin-replay")).to_have_text("Fill them again")


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_pupil_predicts_spins_and_sees_the_bars_fill_by_keyboard_alone(
    open_wheel, live_server, viewport
):
    page = open_wheel(viewport=viewport)
    answer_by_keyboard(page, live_server.url, "many-spins", num_down=1)
    assert_fits(page)
    page.evaluate(NOTE_STEPS)
    tab_to(page, "spins-10")
    page.keyboard.press("Enter")
    spun(page, "10")
    assert page.evaluate("steps") == ["1", "2", "5", "10"]
    assert focused_id(page) == "spins-10"
    expect(page.locator("#announcer")).to_contain_text("Spins: 10.")
    expect(page.locator(".finding-answer")).to_contain_text("You were right")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    spun(page, "100")
    assert page.evaluate("steps") == ["1", "2", "5", "10", "20", "50", "100"]
    assert "num_spins=100" in page.url
    bars = "[...document.querySelectorAll('.bar-observed')].map((b) => b.getAttribute('width'))"
    filled = page.evaluate(bars)
    page.reload()
    page.click("#spin-replay")
    spun(page, "100")
    assert page.evaluate(bars) == filled
    for summary in page.locator("main details > summary").all():
        summary.click()
    assert_fits(page)
    assert serious_findings(page) == []


def test_with_reduced_motion_the_end_is_shown_at_once(open_wheel, live_server):
    page = open_wheel(reduced_motion="reduce", viewport=PHONE, color_scheme="dark")
    page.goto(
        f"{live_server.url}/lessons/many-spins/{page.session_id}?prediction=never&num_spins=1"
    )
    page.evaluate(NOTE_STEPS)
    page.click("#spins-1000")
    expect(page.locator(".spin-number")).to_have_text("1,000")
    assert page.evaluate("steps") == ["1,000"]
    expect(page.locator("#spin-replay")).to_be_hidden()
    expect(page.locator(".spin-bars")).to_be_in_viewport()
    assert serious_findings(page) == []


def test_without_scripts_the_end_is_shown_with_links_to_the_steps(open_wheel, live_server):
    page = open_wheel(java_script_enabled=False, viewport=PHONE)
    page.goto(f"{live_server.url}/lessons/many-spins")
    page.check("#id_prediction_2")
    page.click(".lesson-begin button")
    page.click("#spins-100")
    expect(page.locator(".spin-number")).to_have_text("100")
    seed = page.locator(".spin-seed").text_content()
    page.click("#step-20")
    expect(page.locator(".spin-number")).to_have_text("20")
    expect(page.locator(".spin-seed")).to_have_text(seed)
    expect(page.locator("#spin-replay")).to_be_hidden()
