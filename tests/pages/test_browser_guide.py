"""The guided start in Chromium: guess, spin, change the temperature, on the real wheel."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin, wait_until
from tests.pages.test_axe import serious_findings
from wheel import services
from wheel.services import states

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SCREENS: dict[str, dict[str, Any]] = {
    "small phone": {"width": 320, "height": 568},
    "phone": {"width": 360, "height": 640},
    "laptop": {"width": 1280, "height": 800},
}
SEGMENT = "[data-disc] [data-token-id]"
NEXT, LEAVE = "[data-guide-next]", "[data-guide-leave]"


@pytest.fixture
def open_first(open_wheel):
    """Opens a wheel in a browser that has not seen the guided start."""

    def open_page(**options):
        return open_wheel(is_first_visit=True, reduced_motion="reduce", **options)

    return open_page


@pytest.fixture
def favourite_wins(monkeypatch):
    monkeypatch.setattr(states, "draw_u", lambda **_: 0.0)


def words(page):
    return page.locator("#guide-words")


def guess(page, rank):
    """Click into the segment of this rank, where nothing else is."""
    place = (
        page.locator(SEGMENT)
        .nth(rank - 1)
        .evaluate(
            """(path) => {
          const { x, y, width, height } = path.getBBox();
          for (let i = 1; i < 400; i += 1) {
            const [column, row] = [(i % 20) / 20, Math.floor(i / 20) / 20];
            const dot = new DOMPoint(x + column * width, y + row * height);
            const { x: left, y: top } = dot.matrixTransform(path.getScreenCTM());
            if (document.elementFromPoint(left, top) === path) return [left, top];
          }
        }"""
        )
    )
    page.mouse.click(*place)


def names(page):
    """The tokens of the list, the likeliest first, as they are shown."""
    return page.locator("#tokens-panel tr:has([name=token_id]) bdi").all_text_contents()


def is_free(page, *selectors):
    """Wait until the card is on the screen and covers none of these elements."""
    wait_until(
        page,
        """(selectors) => {
          const card = document.getElementById("guide").getBoundingClientRect();
          const { clientWidth, clientHeight } = document.documentElement;
          const isOutside = ({ left, right, top, bottom }) =>
            left >= card.right || right <= card.left || top >= card.bottom || bottom <= card.top;
          return card.left >= 0 && card.top >= 0 && card.right <= clientWidth
            && card.bottom <= clientHeight
            && selectors.every((selector) =>
              isOutside(document.querySelector(selector).getBoundingClientRect()));
        }""",
        selectors,
    )
    return True


@pytest.mark.parametrize("screen", SCREENS)
def test_the_steps_follow_a_guess_a_spin_a_look_and_a_knob_and_cover_none_of_them(
    open_first, favourite_wins, screen
):
    page = open_first(viewport=SCREENS[screen])
    favourite, second, *_ = names(page)
    expect(words(page)).to_contain_text("Which token comes next?")
    assert is_free(page, ".dial", "#spin")
    guess(page, 2)
    expect(words(page)).to_contain_text(f"You guess {second}.")
    assert is_free(page, ".dial", "#spin")
    spin(page)
    expect(words(page)).to_contain_text(f"You guessed {second}; the wheel stopped at {favourite}.")
    assert is_free(page, ".dial", "#spin")
    page.click(NEXT)
    expect(words(page)).to_contain_text("3 of 5 A new text, so this is another wheel")
    assert is_free(page, ".dial", "#spin")
    page.click(NEXT)
    expect(words(page)).to_contain_text("Open Other (grey)")
    assert is_free(page, ".dial", "#spin")
    page.hover("button.chip")
    expect(words(page)).to_contain_text("The more bits of surprise")
    assert is_free(page, ".dial", "#spin")
    page.click(NEXT)
    expect(words(page)).to_contain_text("Now turn the temperature up or down")
    knob = page.locator("#knob-temperature")
    expect(knob).to_be_in_viewport()
    assert is_free(page, "#knob-temperature", "#knob-temperature-slider", "#spin")
    knob.fill("0.5")
    expect(words(page)).to_contain_text("Colder")
    assert is_free(page, "#knob-temperature", "#knob-temperature-slider", "#spin")
    page.click(NEXT)
    expect(page.locator("#guide")).to_be_hidden()


def test_a_guess_that_was_right_is_told_and_a_higher_temperature_is_warmer(
    open_first, favourite_wins
):
    page = open_first()
    favourite = names(page)[0]
    page.locator("#tokens-panel tbody tr").first.locator("bdi").first.click()
    expect(words(page)).to_contain_text(f"You guess {favourite}.")
    spin(page)
    expect(words(page)).to_contain_text(f"You guessed {favourite}, and the wheel stopped there.")
    page.click(NEXT)
    page.click(NEXT)
    page.click("#open-other")
    expect(words(page)).to_contain_text("Each of these is unlikely")
    page.click(NEXT)
    page.fill("#knob-temperature", "1.5")
    expect(words(page)).to_contain_text("Warmer")


def test_a_guess_may_be_said_aloud_and_the_focus_goes_to_what_comes_next(
    open_first, favourite_wins
):
    page = open_first()
    favourite = names(page)[0]
    page.focus(NEXT)
    page.keyboard.press("Enter")
    expect(words(page)).to_contain_text("Now spin.")
    expect(page.locator("#spin")).to_be_focused()
    spin(page)
    expect(words(page)).to_contain_text(f"The wheel stopped at {favourite}.")
    expect(page.locator("#spin")).to_be_focused()
    page.focus(NEXT)
    for told in ("this is another wheel", "Open Other"):
        page.keyboard.press("Enter")
        expect(words(page)).to_contain_text(told)
        expect(page.locator(NEXT)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#knobs > summary")).to_be_focused()


def test_a_guess_about_a_wheel_that_was_left_is_dropped(open_first):
    page = open_first()
    guess(page, 1)
    expect(words(page)).to_contain_text("You guess")
    page.locator("#tokens-panel [name=token_id]").nth(1).click()
    expect(page.locator("button.chip")).to_have_count(1)
    expect(words(page)).to_contain_text("Which token comes next?")


def test_the_first_visit_leaves_the_focus_and_everything_on_the_page_in_place(open_first):
    page = open_first()
    expect(page.locator("#guide")).to_be_visible()
    expect(page.get_by_role("region", name="Guided start").get_by_role("status")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")
    boxes = """['.story', '.dial', '#spin', '#result', '#knobs', '#tokens-panel'].map(
      (selector) => document.querySelector(selector).getBoundingClientRect().toJSON())"""
    with_guide = page.evaluate(boxes), page.evaluate("document.documentElement.scrollHeight")
    page.click(LEAVE)
    expect(page.locator("#guide")).to_be_hidden()
    assert (
        page.evaluate(boxes),
        page.evaluate("document.documentElement.scrollHeight"),
    ) == with_guide


def test_it_is_shown_once_and_again_when_asked_for(open_first):
    page = open_first()
    expect(page.locator("#guide")).to_be_visible()
    assert page.evaluate("Object.entries(localStorage)") == [["tokenwheel-guide", "seen"]]
    page.reload()
    expect(page.locator("[data-guide-begin]")).to_be_attached()
    expect(page.locator("#guide")).to_be_hidden()
    page.click("#menu > summary")
    page.click("text=Show me how")
    expect(words(page)).to_contain_text("Which token comes next?")
    expect(page.locator(NEXT)).to_be_focused()
    expect(page.locator("#menu")).not_to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("#guide")).to_be_hidden()
    expect(page.locator("#spin")).to_be_focused()


def test_escape_first_skips_a_spin_and_closes_the_menu_and_then_leaves(open_first):
    page = open_first()
    spin(page)
    expect(page.locator("#guide")).to_be_visible()
    page.click("#menu > summary")
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).not_to_have_attribute("open", "")
    expect(page.locator("#guide")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#guide")).to_be_hidden()


def test_in_a_class_without_a_prompt_it_waits_for_a_wheel(open_first):
    page = open_first(prompt=None)
    expect(page.locator("#guide")).to_be_hidden()
    expect(page.locator("[data-guide-begin]")).to_be_hidden()
    page.fill("#id_prompt", "The cat sat on the")
    page.locator("#id_prompt").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".dial")).to_be_visible()
    expect(page.locator("#guide")).to_be_visible()


def add_tokens_until_full(session_id):
    """All but one: after another one, the context window is full."""
    state = services.get_session(session_id=session_id)
    for _ in range(state.context_length - len(state.session.token_ids) - 1):
        services.append_token(session_id=session_id, token_id=5)


@pytest.mark.parametrize("way", ["spin", "choose"])
@pytest.mark.parametrize("is_guessed", [True, False])
def test_it_leaves_when_the_text_is_full_and_there_is_no_wheel(open_first, way, is_guessed):
    page = open_first()
    add_tokens_until_full(page.session_id)
    page.reload()
    page.click("#menu > summary")
    page.click("text=Show me how")
    if is_guessed:
        guess(page, 1)
        expect(words(page)).to_contain_text("You guess")
    if way == "spin":
        page.click("#spin")
    else:
        page.press("#choose-1", "Enter")
    expect(page.locator(".obstacle")).to_contain_text("context window is full")
    expect(page.locator("#guide")).to_be_hidden()
    expect(page.locator("[data-guide-begin]")).to_be_hidden()
    page.keyboard.press("Escape")
    page.click("#undo")
    expect(page.locator(".dial")).to_be_visible()
    expect(page.locator("#guide")).to_be_hidden()
    page.click("#menu > summary")
    page.click("text=Show me how")
    expect(words(page)).to_contain_text("Which token comes next?")


def test_it_leaves_at_its_last_step_without_a_word_about_the_temperature(open_first):
    page = open_first()
    add_tokens_until_full(page.session_id)
    services.undo(session_id=page.session_id)
    page.reload()
    page.click("#menu > summary")
    page.click("text=Show me how")
    page.click("#spin")
    expect(words(page)).to_contain_text("The wheel stopped at")
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    for _step in ("context", "look", "temperature"):
        page.click(NEXT)
    expect(words(page)).to_contain_text("Now turn the temperature up or down")
    before = words(page).text_content()
    page.press("#choose-1", "Enter")
    expect(page.locator(".obstacle")).to_be_visible()
    expect(page.locator("#guide")).to_be_hidden()
    assert words(page).text_content() == before


def test_a_browser_that_stores_nothing_shows_it_only_when_asked(open_first):
    page = open_first()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } });"
    )
    page.reload()
    expect(page.locator("#guide")).to_be_hidden()
    page.click("#menu > summary")
    page.click("text=Show me how")
    expect(page.locator("#guide")).to_be_visible()


def test_without_scripts_and_on_paper_it_is_absent(open_first):
    plain = open_first(java_script_enabled=False)
    expect(plain.locator("#guide")).to_be_hidden()
    plain.click("#menu > summary")
    expect(plain.locator("[data-guide-begin]")).to_be_hidden()
    page = open_first()
    expect(page.locator("#guide")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("#guide")).to_be_hidden()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_guided_start(open_first, color_scheme):
    page = open_first(color_scheme=color_scheme)
    expect(page.locator("#guide")).to_be_visible()
    assert serious_findings(page) == []
