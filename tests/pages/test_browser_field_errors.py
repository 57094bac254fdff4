"""Refused fields in Chromium: marked for screen readers until their value is right."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OPENED = "?top_k=0"  # a page that was asked for with a knob has its panel open
KNOBS = ["temperature", "top_k", "top_p", "min_p", "threshold"]
REFUSED = [("temperature", "-1", "0.5"), ("top_k", "1.000", "3"), ("threshold", "x", "0.02")]


def expect_refused(page, *names):
    """Both controls of these knobs are marked as refused, those of the others are not."""
    for name in KNOBS:
        for control in (f"#knob-{name}", f"#knob-{name}-slider"):
            if name in names:
                expect(page.locator(control)).to_have_attribute("aria-invalid", "true")
            else:
                expect(page.locator(control)).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(("name", "wrong", "right"), REFUSED)
def test_a_refused_knob_is_marked_until_its_value_is_right(open_wheel, name, wrong, right):
    page = open_wheel(query=OPENED)
    expect_refused(page)
    page.fill(f"#knob-{name}", wrong)
    expect(page.locator(f"#knob-{name}-error")).not_to_be_empty()
    expect_refused(page, name)
    assert page.locator(f"#knob-{name}").input_value() == wrong
    page.fill(f"#knob-{name}", right)
    expect(page.locator(f"#knob-{name}-error")).to_be_empty()
    expect_refused(page)
    settings = services.get_session(session_id=page.session_id).session.settings
    assert getattr(settings, name) == float(right)


def test_two_refused_knobs_are_marked_each_for_itself(open_wheel):
    page = open_wheel(query=OPENED)
    page.fill("#knob-temperature", "0")
    page.fill("#knob-top_p", "2")
    expect(page.locator("#knob-top_p-error")).not_to_be_empty()
    expect_refused(page, "temperature", "top_p")
    page.fill("#knob-top_p", "0.9")
    expect(page.locator("#knob-top_p-error")).to_be_empty()
    expect_refused(page, "temperature")


def test_a_page_that_comes_with_a_refused_knob_marks_it(open_wheel):
    page = open_wheel(query="?temperature=0")
    expect_refused(page, "temperature")
    page.click("text=Set top-k to 1")
    expect(page.locator("#knob-temperature-error")).to_be_empty()
    expect_refused(page)


@pytest.mark.parametrize("way", ["spin", "choose"])
def test_the_next_wheel_has_knobs_without_a_mark_and_with_its_own_values(open_wheel, way):
    page = open_wheel(query=OPENED, reduced_motion="reduce")
    page.fill("#knob-top_k", "-2")
    expect(page.locator("#knob-top_k-error")).not_to_be_empty()
    if way == "spin":
        spin(page)
    else:
        page.click("#choose-1")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#knob-top_k-error")).to_be_empty()
    expect(page.locator("#knob-top_k")).to_have_value("0")
    expect_refused(page)


def refuse_prompt(page):
    """Ask for an empty prompt; returns its field."""
    page.click("#new-text-panel > summary")
    page.fill("#id_prompt", " ")
    page.click("text=Set this prompt")
    expect(page.locator("#id_prompt_error")).to_contain_text("Write a few words")
    prompt = page.locator("#id_prompt")
    expect(prompt).to_have_attribute("aria-invalid", "true")
    return prompt


def test_a_refused_prompt_is_marked_until_another_one_is_set(open_wheel):
    page = open_wheel()
    prompt = refuse_prompt(page)
    prompt.fill("The dog")
    page.click("text=Set this prompt")
    expect(page.locator(".chip")).to_have_text(["The", "␣dog"])
    expect(page.locator("#prompt-errors")).to_be_empty()
    expect(page.locator("#id_prompt")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("way", ["spin", "choose"])
def test_the_error_of_a_prompt_goes_with_the_next_change_and_the_panel_stays_open(open_wheel, way):
    page = open_wheel(reduced_motion="reduce")
    prompt = refuse_prompt(page)
    prompt.fill("half a sen")
    if way == "spin":
        spin(page)
    else:
        page.click("#choose-1")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#prompt-errors .field-error")).to_have_count(0)
    expect(prompt).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#new-text-panel")).to_have_attribute("open", "")
    expect(prompt).to_have_value("half a sen")
