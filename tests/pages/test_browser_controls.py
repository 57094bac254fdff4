"""Behaviour of the wheel page's controls in Chromium: sliders, panels, the link to copy."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def set_slider(slider, value):
    slider.evaluate(
        """(slider, value) => {
          slider.value = value;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        value,
    )


def test_a_slider_and_its_number_follow_each_other_and_reshape_the_wheel(open_wheel):
    page = open_wheel()
    page.click("#knobs > summary")
    number = page.locator("#knob-top_k")
    slider = page.locator(".knob", has=number).locator(".knob-slider")
    number.fill("7")
    expect(slider).to_have_value("7")
    expect(page.locator("path.segment-token")).to_have_count(7)
    set_slider(slider, "3")
    expect(number).to_have_value("3")
    expect(page.locator("path.segment-token")).to_have_count(3)


def test_the_knobs_have_sliders_again_after_an_action_has_sent_them_anew(open_wheel):
    page = open_wheel()
    expect(page.locator(".knob-slider")).to_have_count(5)
    page.locator("#tokens-panel button").nth(1).click()
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator(".knob-slider")).to_have_count(5)


def test_panels_stay_as_they_were_set_when_the_next_wheel_comes_in(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    spin(page)
    page.click("#receipt-details > summary")
    page.click("#tokens-panel > summary")
    page.click("#knobs > summary")
    spin(page)
    expect(page.locator("button.chip")).to_have_count(2)
    expect(page.locator("#receipt-details")).to_have_attribute("open", "")
    expect(page.locator("#tokens-panel")).not_to_have_attribute("open", "")
    page.click("#undo")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#knobs")).to_have_attribute("open", "")
    expect(page.locator("#tokens-panel")).not_to_have_attribute("open", "")


def test_the_copy_button_copies_the_address_of_the_wheel_and_says_so(open_wheel):
    page = open_wheel(query="?rank=70", permissions=["clipboard-read", "clipboard-write"])
    page.click("#menu > summary")
    button = page.locator("[data-copy-link]")
    button.click()
    expect(button).to_have_text("Copied")
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url.partition("?")[0]
    button.click()
    expect(button).to_have_text("Copied")
    expect(button).to_have_text("Copy the link")


REFUSE_CLIPBOARD = """
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
    document.execCommand = () => false;
"""


def test_a_link_that_cannot_be_copied_is_shown_selected_with_words(open_wheel):
    page = open_wheel()
    page.evaluate(REFUSE_CLIPBOARD)
    page.click("#menu > summary")
    button, field = page.locator("[data-copy-link]"), page.locator("#link-to-copy")
    expect(field).to_be_hidden()
    button.click()
    words = "The link could not be copied. Copy it yourself:"
    expect(page.get_by_label(words)).to_be_focused()
    expect(page.locator("#announcer")).to_have_text(words)
    assert page.evaluate("getSelection().toString()") == field.input_value() == page.url
    expect(button).to_have_text("Copy the link")


def test_without_a_clipboard_the_link_is_copied_by_selection(open_wheel):
    page = open_wheel(permissions=["clipboard-read"])
    page.evaluate("window.readClipboard = navigator.clipboard.readText.bind(navigator.clipboard)")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.click("#menu > summary")
    button = page.locator("[data-copy-link]")
    button.click()
    expect(button).to_have_text("Copied")
    expect(button).to_be_focused()
    expect(page.locator("#link-to-copy")).to_be_hidden()
    assert page.evaluate("readClipboard()") == page.url
