"""The page in Chromium after answers in parts: its title, and its open panels."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.markup import find_all
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PANELS = ["knobs", "tokens-panel", "new-text-panel", "find-panel", "glossary-panel"]


def text_of(page):
    return services.get_session(session_id=page.session_id).current_text


def expect_title(page):
    """The same as of a page that is loaded anew."""
    html = page.request.get(page.url.partition("?")[0]).text()
    title = " ".join(find_all(html, "title")[0].text.split())
    assert title.startswith(text_of(page)[:30].strip())
    expect(page).to_have_title(title)


@pytest.mark.parametrize("prompt", ["The cat", "a &lt;b&gt; & <title>x</title>", "😀 “ab” 'c'"])
def test_the_title_is_the_text_after_every_change(open_wheel, prompt):
    page = open_wheel(prompt=prompt, reduced_motion="reduce")
    expect_title(page)
    spin(page)
    expect_title(page)
    for selector in ("#choose-1", "#undo", "#redo", "#chip-0"):
        rev = page.get_attribute("#story-change", "data-rev")
        page.click(selector)
        expect(page.locator("#story-change")).not_to_have_attribute("data-rev", rev)
        expect_title(page)
    page.click("#new-text-panel > summary")
    page.fill("#id_prompt", "Once upon a time")
    page.click("text=Set this prompt")
    expect(page.locator(".chip").first).to_have_text("Once")
    expect_title(page)


def test_a_change_that_is_refused_leaves_the_title_of_the_text_as_it_is(open_wheel):
    page = open_wheel(query="?top_k=0")
    page.fill("#knob-top_k", "-2")
    expect(page.locator("#knob-top_k-error")).not_to_be_empty()
    expect_title(page)


def open_panels(page):
    return [name for name in PANELS if page.locator(f"#{name}").get_attribute("open") is not None]


@pytest.mark.parametrize("opened", [PANELS, ["find-panel"], ["knobs", "new-text-panel"], []])
def test_panels_are_as_the_user_left_them_after_every_change(open_wheel, opened):
    page = open_wheel(reduced_motion="reduce")
    for name in set(open_panels(page)) ^ set(opened):
        page.click(f"#{name} > summary")
    assert open_panels(page) == opened
    spin(page)
    assert open_panels(page) == opened
    for selector in ("#undo", "#redo", "#chip-0"):
        rev = page.get_attribute("#story-change", "data-rev")
        page.click(selector)
        expect(page.locator("#story-change")).not_to_have_attribute("data-rev", rev)
        assert open_panels(page) == opened
