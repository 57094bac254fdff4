"""The whole use of the pages, from the start page to the deletion, in every way that a visitor may
have: sizes, zoom, landscape, colours, motion, no JavaScript, keyboard, scripts."""

from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browser import new_context, note_complaints
from tests.thorough import variants
from tests.waiting import wait_until
from wheel.services import states

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MAX_TABS = 150
PROMPT = "The cat sat on the"
U = 0.4


@pytest.fixture(scope="session")
def chromium(whole_chromium):
    return whole_chromium


class Hand:
    """Uses a page with the mouse."""

    knob = "#knob-temperature"

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str) -> None:
        self.page.click(selector)

    def write(self, selector: str, text: str) -> None:
        self.page.fill(selector, text)

    def rewind(self, selector: str) -> None:
        self.press(selector)


class Finger(Hand):
    """Taps. The first tap on a token of the text shows its numbers only."""

    def press(self, selector: str) -> None:
        self.page.tap(selector)

    def rewind(self, selector: str) -> None:
        self.page.tap(selector)
        self.page.tap(selector)


class Keyboard(Hand):
    """Reaches everything with Tab, and the tokens of the text with arrow keys. A number that is
    typed on a knob's slider goes to its field."""

    knob = "#knob-temperature-slider"

    def press(self, selector: str) -> None:
        self.go_to(selector)
        self.page.keyboard.press("Enter")

    def write(self, selector: str, text: str) -> None:
        self.go_to(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def rewind(self, selector: str) -> None:
        self.go_to("[data-chips] .chip")
        self.page.keyboard.press("Home")
        while not self.is_at(selector):
            self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("Enter")

    def go_to(self, selector: str) -> None:
        for _ in range(MAX_TABS):
            if self.is_at(selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by {MAX_TABS} times Tab")

    def is_at(self, selector: str) -> bool:
        return bool(self.page.evaluate("(css) => document.activeElement.matches(css)", selector))


@dataclass(frozen=True)
class Way:
    """A way to use the pages. Without motion unless said otherwise, so that the tests are quick."""

    width: int = 1280
    height: int = 800
    hand: type[Hand] = Hand
    prompt: str = PROMPT
    direction: str = "ltr"
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def has_scripts(self) -> bool:
        return bool(self.options.get("java_script_enabled", True))

    def context_options(self) -> dict[str, Any]:
        touch = {"has_touch": True, "is_mobile": True} if self.hand is Finger else {}
        viewport = {"width": self.width, "height": self.height}
        return {"viewport": viewport, "reduced_motion": "reduce"} | touch | self.options


WAYS = {
    "320 px": Way(320, 568, Finger),
    "360 px": Way(360, 740, Finger),
    "390 px": Way(390, 844, Finger),
    "768 px": Way(768, 1024, Finger),
    "1280 px": Way(),
    "1920 px": Way(1920, 1080),
    "200 % zoom": Way(640, 400, options={"device_scale_factor": 2}),
    "landscape": Way(844, 390, Finger),
    "dark": Way(options={"color_scheme": "dark"}),
    "forced colours": Way(options={"forced_colors": "active"}),
    "motion": Way(options={"reduced_motion": "no-preference"}),
    "no JavaScript": Way(options={"java_script_enabled": False}),
    "no JavaScript, 320 px": Way(320, 568, options={"java_script_enabled": False}),
    "keyboard": Way(hand=Keyboard),
    "Hebrew": Way(360, 740, Finger, "החתול ישב על", "rtl"),
    "Arabic": Way(prompt="جلس القط على", direction="rtl"),
}
FIRST_WAYS = [
    *("320 px", "1280 px", "200 % zoom", "landscape"),
    *("motion", "no JavaScript, 320 px", "keyboard", "Hebrew"),
]


class Story:
    """A visitor of the pages. After each step, the page must fit into the window."""

    def __init__(self, page: Page, way: Way) -> None:
        self.page, self.way, self.hand = page, way, way.hand(page)

    def start(self, url: str) -> None:
        self.page.goto(url)
        self.check_fits()
        self.hand.write("#id_prompt", self.way.prompt)
        self.hand.press(".start-button")
        self.page.wait_for_url("**/wheel/*")  # with its scripts
        if self.way.has_scripts:
            self.hand.press("[data-guide-leave]")
        expect(self.page.locator("[data-chips]")).to_have_attribute("dir", self.way.direction)
        self.check_fits()

    def spin(self) -> None:
        self.hand.press("#spin")
        wait_until(self.has_landed)
        self.expect_tokens(1)

    def has_landed(self) -> bool:
        """Whether the token is in the text; Escape skips the motion until then."""
        self.page.keyboard.press("Escape")
        return self.page.locator("button.chip").count() == 1

    def undo_and_redo(self) -> None:
        self.hand.press("#undo")
        self.expect_tokens(0)
        self.hand.press("#redo")
        self.expect_tokens(1)
        expect(self.page.locator("#redo")).to_be_disabled()

    def open_other(self) -> None:
        self.hand.press("#open-other")
        expect(self.page.locator(".trail")).to_be_visible()
        self.settle()

    def choose(self) -> None:
        self.hand.press("#tokens-panel button[name=token_id]")
        expect(self.page.locator(".trail")).to_have_count(0)
        self.expect_tokens(2)

    def turn_a_knob(self) -> None:
        self.open_panel("#knobs")
        self.hand.write(self.hand.knob, "0.5")
        if not self.way.has_scripts:
            self.hand.press("#knobs-form button[type=submit]")
        expect(self.page.locator("[data-disc] .ring").first).to_be_attached()
        self.settle()
        self.hand.press("#knobs > summary")  # on a phone they cover the page

    def find_a_token(self) -> None:
        self.open_panel("#find-panel")
        self.hand.write("#find-text", "dog")
        if not self.way.has_scripts:
            self.hand.press(".find-form button[type=submit]")
        expect(self.page.locator(".found-token")).to_have_count(2)
        self.settle()

    def rewind(self) -> None:
        self.hand.rewind("#chip-0")
        self.expect_tokens(0)

    def set_a_new_prompt(self) -> None:
        if self.way.has_scripts:
            self.hand.press("#menu > summary")
            self.hand.press("[data-opens-panel=new-text-panel]")
            expect(self.page.locator("#id_prompt")).to_be_focused()
            expect(self.page.locator("#menu")).not_to_have_attribute("open", "")
        else:
            self.open_panel("#new-text-panel")
        self.hand.write("#id_prompt", "The dog")
        self.hand.press("#new-text-panel button[type=submit]")
        expect(self.page.locator("[data-chips]")).to_contain_text("dog")
        self.settle()

    def delete(self) -> None:
        self.hand.press("#menu > summary")
        self.hand.press("#delete-details > summary")
        self.check_fits()
        self.hand.press("#delete-details button[type=submit]")
        expect(self.page.locator(".notice")).to_be_visible()
        self.check_fits()

    def open_panel(self, selector: str) -> None:
        if self.page.locator(selector).get_attribute("open") is None:
            self.hand.press(f"{selector} > summary")
        self.check_fits()

    def expect_tokens(self, num_tokens: int) -> None:
        expect(self.page.locator("button.chip")).to_have_count(num_tokens)
        self.settle()

    def settle(self) -> None:
        """Wait until the page accepts the next change. Then nothing may stick out of it."""
        if self.way.has_scripts:
            busy = "#stage[data-busy], .htmx-settling, .htmx-added"
            wait_until(lambda: self.page.locator(busy).count() == 0)
        self.check_fits()

    def check_fits(self) -> None:
        """`innerWidth` grows with the page on a phone, so compare with the window."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.way.width


@pytest.mark.parametrize(
    "name", variants(FIRST_WAYS, [way for way in WAYS if way not in FIRST_WAYS])
)
def test_the_whole_story_works_in_every_way_and_the_page_fits(
    chromium, live_server, wheel_runtime, monkeypatch, name
):
    monkeypatch.setattr(states, "draw_u", lambda **_: U)
    way = WAYS[name]
    complaints: list[str] = []
    with closing(new_context(chromium, **way.context_options())) as context:
        page = context.new_page()
        note_complaints(page, complaints)
        story = Story(page, way)
        story.start(live_server.url)
        story.spin()
        story.undo_and_redo()
        story.open_other()
        story.choose()
        story.turn_a_knob()
        story.find_a_token()
        story.rewind()
        story.set_a_new_prompt()
        story.delete()
    assert [text for text in complaints if not is_blocked_preload(text, way)] == []


def is_blocked_preload(complaint: str, way: Way) -> bool:
    """Without JavaScript, Chromium counts the page's preloads of modules as blocked."""
    return not way.has_scripts and complaint.endswith(".js csp")
