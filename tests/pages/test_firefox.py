"""The story of the wheel page in Debian's Firefox."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(open_wheel_in_firefox):
    """A wheel page whose console errors fail the test."""
    complaints = []
    page = open_wheel_in_firefox()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    assert complaints == []


def wait_for_links(page):
    page.wait_for_function("!document.querySelector('.htmx-settling, .htmx-added')")


def test_a_wheel_turns_to_its_end_and_the_drawn_token_is_under_the_pointer(page):
    page.click("#spin")
    page.wait_for_function("landings.length === 1")
    (under,) = page.evaluate("landings[0].under")
    expect(page.locator("button.chip")).to_have_count(1)
    (chosen,) = history(page.session_id)
    assert int(under["tokenId"]) == chosen.token_id
    expect(page.locator("#spin")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("bits of surprise")


def test_the_text_goes_back_and_forth_and_keeps_the_focus(page):
    spin(page)
    page.locator("#undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator("button.chip")).to_have_count(0)
    expect(page.locator("#redo")).to_be_focused()
    wait_for_links(page)
    page.keyboard.press("Enter")
    expect(page.locator("button.chip")).to_have_count(1)
    wait_for_links(page)
    page.click("#choose-1")
    expect(page.locator("button.chip")).to_have_count(2)
    wait_for_links(page)
    page.locator("#chip-0").focus()
    page.keyboard.press("Enter")
    expect(page.locator("button.chip")).to_have_count(0)
    expect(page.locator(".chip").last).to_be_focused()


def test_other_is_opened_a_token_chosen_from_it_and_left_at_escape(page):
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    wait_for_links(page)
    page.keyboard.press("Escape")
    expect(page.locator(".trail")).to_have_count(0)
    wait_for_links(page)
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    wait_for_links(page)
    page.locator("#tokens-panel button[name=token_id]").first.click()
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator(".trail")).to_have_count(0)


def test_a_knob_is_turned_by_keys_and_by_dragging(page):
    if page.locator("#knobs").get_attribute("open") is None:
        page.click("#knobs > summary")
    page.fill("#knob-temperature", "2")
    expect(page.locator("[data-disc] .ring").first).to_be_attached()
    number = page.locator("#knob-temperature")
    slider = page.locator(".knob", has=number).locator("input[type=range]")
    box = slider.bounding_box()
    middle_y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.9, middle_y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle_y, steps=4)
    page.mouse.up()
    dragged = float(number.input_value())
    assert dragged == float(slider.input_value()) != 2
    expect(
        page.locator(f"#spin-form input[name=temperature][value='{dragged!r}']")
    ).to_be_attached()


def test_a_reload_forgets_what_was_typed_but_not_sent(page):
    """Firefox keeps the values of fields on a reload, unless their form says otherwise."""
    for field in ("#id_prompt", "#knob-top_k"):
        page.evaluate("(field) => (document.querySelector(field).value = '7')", field)
    page.reload()
    expect(page.locator("#id_prompt")).to_have_value("The cat sat on the")
    expect(page.locator("#knob-top_k")).to_have_value("0")
