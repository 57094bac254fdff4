"""The colours of the prompt in Chromium: they come after the page, and move nothing."""

import time

import pytest
from playwright.sync_api import Route, expect

from tests.pages.browser import spin, wait_for_frame
from tests.waiting import HANGING_S

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Of what is on show: the content of a closed panel has a box or none, as the browser likes.
BOXES = """() => [...document.querySelectorAll("main *")]
  .filter((element) => element.checkVisibility())
  .map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height];
  })"""
COLOURED = ".chip-prompt[class*=level-]"
FIGURES = "**/prompt-figures*"


class HeldRequest:
    """The page's request for the figures, which waits until the test lets it go."""

    def __init__(self):
        self.routes: list[Route] = []

    def hold(self, page):
        page.route(FIGURES, self.keep)

    def keep(self, route):
        self.routes.append(route)

    def release(self, page):
        give_up_at = time.monotonic() + HANGING_S
        while not self.routes:
            assert time.monotonic() < give_up_at, "the page has not asked for the figures"
            page.wait_for_timeout(10)
        (route,) = self.routes
        route.continue_()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_prompt_is_coloured_after_the_page_is_shown_and_nothing_moves(open_wheel, width):
    held = HeldRequest()
    page = open_wheel(viewport={"width": width, "height": 800}, before=held.hold)
    page.evaluate("document.fonts.ready")
    expect(page.locator(COLOURED)).to_have_count(0)
    before = page.evaluate(BOXES)
    held.release(page)
    expect(page.locator(COLOURED)).to_have_count(page.locator(".chip-prompt").count() - 1)
    wait_for_frame(page)
    assert page.evaluate(BOXES) == before


def test_a_token_whose_numbers_are_on_show_gets_its_figures(open_wheel):
    held = HeldRequest()
    page = open_wheel(before=held.hold)
    chip = page.locator(".chip-prompt").nth(1)
    chip.hover()
    expect(page.locator("#chip-facts")).to_have_text("from the prompt")
    held.release(page)
    expect(page.locator(COLOURED).first).to_be_visible()
    page.mouse.move(5, 5)
    chip.hover()
    expect(page.locator("#chip-facts")).to_contain_text("bits of surprise")


@pytest.mark.parametrize("status", [503, 204, None])
def test_without_an_answer_the_page_works_and_says_nothing(open_wheel, status):
    def refuse(route):
        route.abort() if status is None else route.fulfill(status=status)

    page = open_wheel(reduced_motion="reduce", before=lambda page: page.route(FIGURES, refuse))
    spin(page)
    expect(page.locator("#chip-0")).to_be_visible()
    expect(page.locator(COLOURED)).to_have_count(0)
    expect(page.locator("#problem .problem")).to_have_count(0)


def test_a_new_prompt_is_coloured_too(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    expect(page.locator(COLOURED).first).to_be_visible()
    page.click("#new-text-panel > summary")
    page.fill("#id_prompt", "The dog sat on the log")
    page.click("#prompt-form button[type=submit]")
    expect(page.locator(".chip-prompt").nth(1)).to_have_text("␣dog")
    num_chips = page.locator(".chip-prompt").count()
    expect(page.locator(COLOURED)).to_have_count(num_chips - 1)
