"""The lessons on any text in Chromium, as a student does them."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browser import new_context, note_complaints
from tests.pages.test_axe import serious_findings
from tests.pages.test_browser_layout import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WIDTHS = pytest.mark.parametrize("width", [360, 1280])
TEXT = "The cat sat on the mat."


@pytest.fixture
def open_lesson(chromium, live_server, wheel_runtime):
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_lesson(key, width, *, are_errors_expected=False, **options):
        viewport = {"width": width, "height": 800}
        context = new_context(chromium, viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        if not are_errors_expected:
            note_complaints(page, complaints)
        page.goto(f"{live_server.url}/lessons/{key}")
        return page

    yield open_lesson
    for context in contexts:
        context.close()
    assert complaints == []


def answer_by_keyboard(page):
    """From the top of the page to the second answer and the button, with the keys alone."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.button-primary')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".verdict-text")).to_be_visible()


def assert_tidy(page):
    assert faults(page, "lesson") == []
    assert serious_findings(page) == []


@WIDTHS
def test_a_student_measures_a_text_and_an_example_by_keyboard(open_lesson, width):
    page = open_lesson("surprising-text", width)
    assert_tidy(page)
    answer_by_keyboard(page)
    before = page.inner_text("[data-measure=total]")
    example = page.locator("button[data-example]").nth(1)
    example.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-measure=total]")).not_to_have_text(before)
    expect(page.locator("#id_text")).to_have_value(example.get_attribute("data-example"))
    expect(example).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("bits per character")
    page.locator("[data-chips] .chip").last.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#chip-facts")).to_contain_text("of surprise")
    page.keyboard.press("Escape")
    page.locator("#scores-panel > summary").press("Enter")
    expect(page.locator(".scores tbody tr").nth(3)).to_be_visible()
    assert_tidy(page)


@WIDTHS
def test_a_student_sees_tokens_and_letters_while_typing(open_lesson, width):
    page = open_lesson("tokens-are-not-words", width)
    assert_tidy(page)
    answer_by_keyboard(page)
    page.focus("#id_text")
    page.keyboard.press("Control+A")
    page.keyboard.type(TEXT)
    expect(page.locator("[data-count=characters]")).to_have_text(str(len(TEXT)))
    expect(page.locator("#id_text")).to_be_focused()
    page.focus("#id_word")
    page.keyboard.press("Control+A")
    page.keyboard.type("Rhabarber")
    expect(page.locator(".letters-word")).to_have_text("Rhabarber")
    expect(page.locator("#id_word")).to_be_focused()
    assert_tidy(page)


def test_an_empty_text_is_explained_and_the_sentence_goes_with_the_next_text(open_lesson):
    page = open_lesson("tokens-are-not-words", 1280, are_errors_expected=True)
    answer_by_keyboard(page)
    page.fill("#id_text", "")
    expect(page.locator("#problem")).to_contain_text("Write or paste a text first.")
    page.fill("#id_text", TEXT)
    expect(page.locator("[data-count=characters]")).to_have_text(str(len(TEXT)))
    expect(page.locator("#problem")).to_be_empty()


@pytest.mark.parametrize(
    ("key", "number"),
    [("surprising-text", "[data-measure=total]"), ("tokens-are-not-words", "[data-count=tokens]")],
)
def test_a_lesson_works_without_javascript(open_lesson, key, number):
    page = open_lesson(key, 360, java_script_enabled=False)
    page.locator(".choice").nth(1).click()
    page.click("main .button-primary")
    before = page.inner_text(number)
    page.fill("#id_text", TEXT)
    page.click("main .button-primary")
    expect(page.locator("#id_text")).to_have_value(TEXT)
    assert page.inner_text(number) != before
    page.locator("button[data-example]").nth(1).click()
    expect(page.locator("#id_text")).not_to_have_value(TEXT)
    expect(page.locator(".verdict-text")).to_be_visible()
