"""Keyboard focus and announcements after every change of the page, in Chromium."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(open_wheel):
    return open_wheel(reduced_motion="reduce")


def press(page, selector, key="Enter"):
    """Focus an element and press a key on it, as a user of the keyboard."""
    wait_for_links(page)
    page.locator(selector).focus()
    page.keyboard.press(key)


def press_again(page):
    """Press Enter on the element that has the focus after a change."""
    wait_for_links(page)
    page.keyboard.press("Enter")


def wait_for_links(page):
    """Wait until the links and forms of the last answer change a part of the page. Before that, for
    20 ms, they load a page."""
    page.wait_for_function("!document.querySelector('.htmx-settling, .htmx-added')")


def add_tokens(page, num_tokens):
    for num in range(1, num_tokens + 1):
        wait_for_links(page)
        page.locator("#choose-1").click()
        expect(page.locator("button.chip")).to_have_count(num)


def test_undo_to_the_prompt_gives_the_focus_to_redo_and_the_last_redo_gives_it_back(page):
    spin(page)
    press(page, "#undo")
    expect(page.locator("button.chip")).to_have_count(0)
    expect(page.locator("#redo")).to_be_focused()
    press_again(page)
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#undo")).to_be_focused()


def test_undo_and_redo_keep_the_focus_while_they_can_be_used(page):
    add_tokens(page, 2)
    press(page, "#undo")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#undo")).to_be_focused()
    press_again(page)
    expect(page.locator("#redo")).to_be_focused()
    press_again(page)
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#redo")).to_be_focused()


def test_a_rewind_gives_the_focus_to_the_token_that_is_last_now(page):
    add_tokens(page, 3)
    press(page, "#chip-1")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#chip-0")).to_be_focused()
    press_again(page)
    expect(page.locator("button.chip")).to_have_count(0)
    expect(page.locator(".chip").last).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".chip").nth(-2)).to_be_focused()


def test_opening_other_gives_the_focus_to_the_way_back_and_leaving_it_to_open_other(page):
    press(page, "#open-other")
    expect(page.locator(".trail a").last).to_be_focused()
    press_again(page)
    expect(page.locator(".trail")).to_have_count(0)
    expect(page.locator("#open-other")).to_be_focused()


def test_choosing_a_token_that_leaves_the_list_gives_the_focus_to_spin(page):
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    press(page, "#tokens-panel button[name=token_id]:not(#choose-1) >> nth=-1")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#spin")).to_be_focused()


def test_a_new_prompt_gives_the_focus_to_spin(page):
    page.click("#new-text-panel > summary")
    page.fill("#id_prompt", "The dog")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#story, .story").first).to_contain_text("dog")
    expect(page.locator("#spin")).to_be_focused()


def test_the_menu_s_new_prompt_closes_the_menu_and_gives_the_focus_to_the_prompt(page):
    page.locator("#menu > summary").focus()
    page.keyboard.press("Enter")
    press(page, "[data-opens-panel]")
    expect(page.locator("#id_prompt")).to_be_focused()
    expect(page.locator("#menu")).not_to_have_attribute("open", "")
    expect(page.locator("#id_prompt")).to_be_in_viewport()
    page.keyboard.press("Control+A")
    page.keyboard.type("The dog")
    expect(page.locator("#id_prompt")).to_have_value("The dog")


def test_focus_that_was_given_up_with_the_mouse_is_not_taken_back(page):
    spin(page)
    page.locator("#undo").focus()
    page.mouse.click(3, 300)
    page.evaluate("document.querySelector('#undo').form.requestSubmit()")
    expect(page.locator("button.chip")).to_have_count(0)
    assert page.evaluate("document.activeElement === document.body")


def test_escape_leaves_an_opened_other_level_by_level(page):
    page.click("#open-other")
    expect(page.locator(".trail a")).to_have_count(1)
    wait_for_links(page)
    page.locator(".tokens a.button").first.click()
    expect(page.locator(".trail a")).to_have_count(2)
    wait_for_links(page)
    page.keyboard.press("Escape")
    expect(page.locator(".trail a")).to_have_count(1)
    wait_for_links(page)
    page.keyboard.press("Escape")
    expect(page.locator(".trail")).to_have_count(0)
    expect(page.locator("#open-other")).to_be_focused()


def test_escape_first_closes_the_menu_and_empties_the_search(page):
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    page.click("#menu > summary")
    page.keyboard.press("Escape")
    expect(page.locator(".menu-sheet")).to_be_hidden()
    page.click("#find-panel > summary")
    page.fill("#find-text", "x")
    page.keyboard.press("Escape")
    expect(page.locator(".trail")).to_be_visible()


def test_escape_skips_a_spin_and_leaves_the_part_on_show_to_it(open_wheel):
    page = open_wheel()
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    gets = []
    page.on("request", lambda request: gets.append((request.method, request.url)))
    spin(page)
    assert len(history(page.session_id)) == 1
    wheel_gets = [url for method, url in gets if method == "GET" and page.session_id in url]
    assert len(wheel_gets) == 1  # the next wheel


def test_every_change_is_announced_and_an_identical_one_is_announced_again(page):
    announced = page.locator("#announcer")
    add_tokens(page, 1)
    expect(announced).to_contain_text("You chose ")
    page.click("#undo")
    expect(announced).to_contain_text("Removed “")
    page.evaluate(
        """() => {
          window.heard = [];
          const regions = document.querySelectorAll("#announcer [role=status]");
          for (const region of regions) {
            new MutationObserver(() => window.heard.push(region.textContent))
              .observe(region, { childList: true });
          }
        }"""
    )
    for selector in ("#redo", "#undo", "#open-other", ".trail a", "#open-other", ".trail a"):
        wait_for_links(page)
        page.evaluate("heard.length = 0")
        page.click(selector)
        page.wait_for_function("heard.filter(Boolean).length === 1")
    assert announced.text_content().strip() == "The whole wheel is on show."


def test_two_equal_announcements_in_a_row_are_two_changes_of_the_page(page):
    heard = page.evaluate(
        """async () => {
          const entry = document.querySelector("script[type=module]").src;
          const { announce } = await import(entry.replace(/[^/]*$/, "announce.js"));
          const regions = [...document.querySelectorAll("#announcer [role=status]")];
          const heard = [];
          for (const num of [1, 2, 3]) {
            announce("full stop");
            heard.push(regions.map((region) => region.textContent));
          }
          return heard;
        }"""
    )
    assert heard == [["full stop", ""], ["", "full stop"], ["full stop", ""]]
