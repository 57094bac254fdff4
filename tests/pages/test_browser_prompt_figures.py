"""The colours of the prompt in Chromium: they come after the page, and move nothing."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin, wait_for_frame

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BOXES = """() => [...document.querySelectorAll("main *")].map((element) => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [x, y, width, height];
})"""
COLOURED = ".chip-prompt[class*=level-]"
FIGURES = "**/prompt-figures*"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_prompt_is_coloured_after_the_page_is_shown_and_nothing_moves(open_wheel, width):
    held = []
    page = open_wheel(
        viewport={"width": width, "height": 800},
        before=lambda page: page.route(FIGURES, held.append),
    )
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    expect(page.locator(COLOURED)).to_have_count(0)
    before = page.evaluate(BOXES)
    (route,) = held
    route.continue_()
    expect(page.locator(COLOURED)).to_have_count(page.locator(".chip-prompt").count() - 1)
    wait_for_frame(page)
    assert page.evaluate(BOXES) == before


def test_a_token_whose_numbers_are_on_show_gets_its_figures(open_wheel):
    held = []
    page = open_wheel(before=lambda page: page.route(FIGURES, held.append))
    chip = page.locator(".chip-prompt").nth(1)
    chip.hover()
    expect(page.locator("#chip-facts")).to_have_text("from the prompt")
    held[0].continue_()
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
