"""Lesson "Guess first" in Chromium, as a pupil plays it."""

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import start_session
from tests.pages.test_axe import serious_findings
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SIZES = pytest.mark.parametrize("size", [(360, 740), (1280, 800)], ids=["phone", "laptop"])
NUM_COVERED = """
    () => [...document.querySelectorAll("main a, main button, main input:not([type=hidden])")]
      .filter((element) => {
        element.scrollIntoView({ block: "center" });
        const box = element.getBoundingClientRect();
        if (!box.width) return false;
        const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return !element.contains(hit) && hit !== element;
      }).length
"""


@pytest.fixture
def open_lesson(open_wheel, live_server):
    def open_page(**options):
        page = open_wheel(**options)
        page.goto(f"{live_server.url}/lessons/guess-first/{page.session_id}")
        return page

    return open_page


def assert_tidy(page):
    page.wait_for_load_state()  # with the style sheets
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(NUM_COVERED) == 0


def session_of(page):
    return services.get_session(session_id=page.session_id).session


@SIZES
def test_ten_rounds_are_played_to_the_result(open_lesson, size):
    width, height = size
    page = open_lesson(viewport={"width": width, "height": height}, reduced_motion="reduce")
    assert_tidy(page)
    page.fill("#guess-text", "dog")
    page.click("text=Read it")
    expect(page.locator(".reading")).to_have_count(2)
    assert_tidy(page)
    assert serious_findings(page) == []
    page.click(".reading button >> nth=0")
    for number in range(1, 11):
        expect(page.locator("#round-title")).to_have_text(f"Round {number} of 10")
        expect(page.locator("#round-title")).to_be_focused()
        expect(page.locator("#announcer")).to_contain_text("The wheel stopped at")
        expect(page.locator(".round-wheel .mark")).to_have_count(1)
        assert len(session_of(page).guesses) == len(session_of(page).history) == number
        if number == 1:
            assert_tidy(page)
            assert serious_findings(page) == []
        page.click(".round-next a")
        if number < 10:
            page.click(f".guess-token >> nth={number % 8}")
    expect(page.locator(".cost-bar")).to_have_count(4)
    assert_tidy(page)
    assert serious_findings(page) == []


def test_a_round_can_be_played_with_the_keyboard_alone(open_lesson):
    page = open_lesson(reduced_motion="reduce")
    page.wait_for_function("() => window.htmx")
    page.focus("#guess-text")
    page.keyboard.type("dog")
    expect(page.locator(".reading")).to_have_count(2)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".reading button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#round-title")).to_be_focused()
    for _ in range(8):
        if page.evaluate("document.activeElement.matches('.round-next a')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#round-title")).to_have_text("Round 2 of 10")
    assert len(session_of(page).guesses) == 1


def test_a_round_can_be_played_without_scripts(open_lesson):
    page = open_lesson(java_script_enabled=False)
    page.fill("#guess-text", "dog")
    page.click("text=Read it")
    page.click(".reading button >> nth=1")
    expect(page.locator(".round-fact")).to_have_count(3)
    page.click(".round-next a")
    page.click(".guess-token >> nth=0")
    expect(page.locator("#round-title")).to_have_text("Round 2 of 10")
    before = session_of(page)
    page.reload()
    page.go_back()
    expect(page.locator("#round-title")).to_have_text("Round 3 of 10")
    assert len(before.guesses) == len(before.history) == 2
    assert (session_of(page).guesses, session_of(page).rev) == (before.guesses, before.rev)


def test_the_pointer_stops_where_the_spin_did_and_moves_only_if_motion_is_welcome(
    open_lesson, live_server
):
    page = open_lesson(session_id=start_session(seed=5))
    page.click(".guess-token >> nth=0")
    tip = page.locator(".pointer-arriving")
    expect(tip).to_have_count(1)
    assert tip.evaluate("(element) => element.getAnimations().length") == 1
    page.emulate_media(reduced_motion="reduce")
    assert tip.evaluate("(element) => element.getAnimations().length") == 0
    [chosen] = session_of(page).history
    angle = tip.evaluate(
        """(element) => {
          const { a, b } = element.getCTM();
          return ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
        }"""
    )
    assert angle == pytest.approx(chosen.u * 360, abs=0.01)
