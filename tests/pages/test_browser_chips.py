"""The tokens of the text in Chromium: arrow keys, the first tap, pieces of a character."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def focused_chip(page):
    """The focused chip: its number in the text, and its left edge."""
    return page.evaluate(
        """() => {
          const chips = [...document.querySelectorAll("[data-chips] .chip")];
          const chip = document.activeElement;
          return [chips.indexOf(chip), chip.getBoundingClientRect().left];
        }"""
    )


def num_tab_stops(page):
    return page.locator("[data-chips] .chip[tabindex='0']").count()


@pytest.mark.parametrize(
    ("prompt", "forwards", "backwards"),
    [("של", "ArrowLeft", "ArrowRight"), ("The cat sat on", "ArrowRight", "ArrowLeft")],
)
def test_arrow_keys_go_to_the_neighbour_on_their_side(open_wheel, prompt, forwards, backwards):
    """The text has one line, so that a neighbour is on that side of the screen too."""
    page = open_wheel(prompt=prompt)
    num_chips = page.locator(".chip").count()
    assert num_chips > 3
    page.locator(".chip").last.focus()
    page.keyboard.press("Home")
    passed = [focused_chip(page)]
    for _ in range(num_chips - 1):
        page.keyboard.press(forwards)
        passed.append(focused_chip(page))
    assert [idx for idx, _ in passed] == list(range(num_chips))
    is_to_the_left = forwards == "ArrowLeft"
    assert all((after < before) == is_to_the_left for (_, before), (_, after) in pairwise(passed))
    page.keyboard.press(forwards)
    assert focused_chip(page) == passed[-1]
    page.keyboard.press(backwards)
    assert focused_chip(page) == passed[-2]
    page.keyboard.press("End")
    assert focused_chip(page) == passed[-1]
    assert num_tab_stops(page) == 1


def click_as_older_safari(page, pointer_type):
    """A click on the first chosen token that does not name its pointer, after a press that does."""
    page.evaluate(
        """(pointerType) => {
          const chip = document.getElementById("chip-0");
          const options = { bubbles: true, cancelable: true };
          chip.dispatchEvent(new PointerEvent("pointerdown", { ...options, pointerType }));
          chip.dispatchEvent(new MouseEvent("click", { ...options, detail: 1 }));
        }""",
        pointer_type,
    )


def test_the_first_tap_is_known_by_the_pointer_of_its_press(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    spin(page)
    click_as_older_safari(page, "touch")
    expect(page.locator("#chip-0")).to_be_focused()
    expect(page.locator("#chip-detail")).to_be_visible()
    assert len(history(page.session_id)) == 1
    with page.expect_request("**/rewind") as rewind:
        click_as_older_safari(page, "touch")
    assert "num_kept=0" in rewind.value.post_data
    expect(page.locator("button.chip")).to_have_count(0)


def test_a_tap_elsewhere_makes_the_next_tap_a_first_one_again(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    spin(page)
    click_as_older_safari(page, "touch")
    page.focus("#spin")
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    click_as_older_safari(page, "touch")
    click_as_older_safari(page, "touch")
    expect(page.locator("button.chip")).to_have_count(0)
    assert len([url for url in sent if url.endswith("/rewind")]) == 1


@pytest.mark.parametrize("pointer_type", ["mouse", "pen"])
def test_a_click_by_another_pointer_rewinds_at_once(open_wheel, pointer_type):
    page = open_wheel(reduced_motion="reduce")
    spin(page)
    click_as_older_safari(page, "touch")
    page.focus("#spin")
    click_as_older_safari(page, pointer_type)
    expect(page.locator("button.chip")).to_have_count(0)


def test_the_keyboard_rewinds_at_once_after_a_touch(open_wheel):
    page = open_wheel(reduced_motion="reduce", has_touch=True)
    spin(page)
    page.locator(".chip").first.tap()
    page.focus("#chip-0")
    page.keyboard.press("Enter")
    expect(page.locator("button.chip")).to_have_count(0)


def shown_text(page):
    """The chips and the characters that they make, without the spaces between the tags."""
    return page.evaluate(
        """() => [...document.querySelectorAll("[data-chips] .chip, .chip-whole")]
          .map(({ textContent }) => textContent)"""
    )


def test_undo_and_redo_of_the_pieces_of_an_emoji_leave_no_empty_tie(open_wheel):
    page = open_wheel()
    token_ids = services.get_session(session_id=page.session_id).tokenizer.encode("🎡b🎡")
    for token_id in token_ids:
        services.append_token(session_id=page.session_id, token_id=token_id)
    page.reload()
    texts = [shown_text(page)]
    expect(page.locator(".chip-tie")).to_have_count(2)
    for num_undone in range(1, len(token_ids) + 1):
        page.click("#undo")
        expect(page.locator("button.chip")).to_have_count(len(token_ids) - num_undone)
        texts.append(shown_text(page))
        expect_whole_ties(page)
    expect(page.locator(".chip-tie")).to_have_count(0)
    for text in reversed(texts[:-1]):
        num_chips = page.locator("button.chip").count()
        page.click("#redo")
        expect(page.locator("button.chip")).to_have_count(num_chips + 1)
        assert shown_text(page) == text
        expect_whole_ties(page)
    page.reload()
    assert shown_text(page) == texts[0]


def expect_whole_ties(page):
    """Each tie holds a piece and the character that it completes; no character is without one."""
    ties = page.locator(".chip-tie")
    assert ties.count() == page.locator(".chip-whole").count()
    assert ties.evaluate_all(
        "(ties) => ties.every((tie) => tie.querySelector('.chip') && tie.querySelector('bdi'))"
    )
