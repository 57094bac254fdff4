"""Places of the wheel and Spin: on low screens, after changes from afar, on projectors."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LOW_SCREENS = {
    "landscape phone": {"width": 640, "height": 360},
    "landscape phone, large": {"width": 844, "height": 390},
    "laptop at 200 %": {"width": 640, "height": 400},
    "wide laptop at 200 %": {"width": 960, "height": 540},
}
PHONE = {"width": 360, "height": 640}
PROJECTOR = {"width": 1920, "height": 1080}


def expect_in_view(page, *selectors):
    for selector in selectors:
        expect(page.locator(selector)).to_be_in_viewport(ratio=1)


def box(page, selector):
    return page.locator(selector).bounding_box()


def scroll_to_end(page):
    page.evaluate("scrollTo(0, document.body.scrollHeight)")


@pytest.mark.parametrize("screen", LOW_SCREENS)
def test_on_a_low_screen_spin_and_the_whole_wheel_are_in_view_beside_the_text(open_wheel, screen):
    page = open_wheel(viewport=LOW_SCREENS[screen], reduced_motion="reduce")
    expect_in_view(page, "#dial", "#spin", ".story")
    assert box(page, ".story")["x"] > box(page, "#dial")["x"] + box(page, "#dial")["width"]
    assert box(page, "#dial")["height"] > 0.7 * LOW_SCREENS[screen]["height"]
    scroll_to_end(page)
    spin(page)
    expect_in_view(page, "#dial", "#spin")


@pytest.mark.parametrize("screen", LOW_SCREENS)
def test_on_a_low_screen_the_word_spin_is_within_its_button(open_wheel, screen):
    page = open_wheel(viewport=LOW_SCREENS[screen])
    assert page.evaluate("spin.scrollWidth <= spin.clientWidth")


def test_on_a_phone_spin_brings_the_wheel_and_its_result_into_view(open_wheel):
    page = open_wheel(viewport=PHONE, reduced_motion="reduce")
    scroll_to_end(page)
    page.click("#spin")
    expect_in_view(page, "#dial")
    expect(page.locator("button.chip")).to_have_count(1)
    expect_in_view(page, "#dial", ".result-line")
    assert (
        box(page, ".result-line")["y"] + box(page, ".result-line")["height"]
        <= (box(page, ".spin-form")["y"])
    )
    expect(page.locator("button.chip")).to_be_in_viewport()


def test_a_wheel_that_is_in_view_stays_where_it_is(open_wheel):
    page = open_wheel(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    spin(page)
    place = page.evaluate("scrollY")
    spin(page)
    assert page.evaluate("scrollY") == place


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_opening_other_in_the_list_brings_the_wheel_into_view(open_wheel, motion):
    page = open_wheel(viewport=PHONE, reduced_motion=motion)
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_attached()
    expect_in_view(page, "#dial")
    page.locator("#tokens-panel a").last.click()
    expect(page.locator(".trail a")).to_have_count(2)
    expect_in_view(page, "#dial")


def test_showing_a_found_token_and_choosing_one_bring_the_wheel_into_view(open_wheel):
    page = open_wheel(viewport=PHONE, reduced_motion="reduce")
    page.click("#find-panel > summary")
    page.fill("#find-text", "dog")
    page.locator(".found-token a").first.click()
    expect(page.locator(".mark")).to_be_attached()
    expect_in_view(page, "#dial")
    page.locator("#tokens-panel [name=token_id]").last.click()
    expect(page.locator("button.chip")).to_have_count(1)
    expect_in_view(page, "#dial")


def test_without_javascript_links_and_answers_lead_to_the_wheel(open_wheel):
    page = open_wheel(viewport=PHONE, java_script_enabled=False)
    page.click("#open-other")
    expect_in_view(page, "#dial")
    page.locator("#tokens-panel [name=token_id]").last.click()
    expect(page.locator("button.chip")).to_have_count(1)
    expect_in_view(page, "#dial")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", [0, 1, 2])
def test_on_a_projector_the_wheel_uses_the_height(open_wheel, size):
    page = open_wheel(viewport=PROJECTOR)
    page.click("#menu > summary")
    page.click(f"#size-{size}")
    dial = box(page, "#dial")
    assert dial["height"] > 0.75 * PROJECTOR["height"]
    expect_in_view(page, "#dial", "#dial-caption", ".story")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_size_for_a_projector_is_kept_over_a_reload_and_on_the_start_page(
    open_wheel, live_server, has_scripts
):
    page = open_wheel(java_script_enabled=has_scripts)
    page.click("#menu > summary")
    if has_scripts:
        with page.expect_response("**/text-size"):
            page.check("#size-2")
    else:
        page.check("#size-2")
        page.click(".menu-sizes button")
    for address in (page.url, live_server.url):
        page.goto(address)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "25px"


@pytest.mark.parametrize("width", [640, 768, 834, 1000])
def test_on_a_tablet_spin_and_knobs_stand_together(open_wheel, width):
    page = open_wheel(viewport={"width": width, "height": 1100})
    knobs, spin_button = box(page, "#knobs > summary"), box(page, "#spin")
    assert 0 < spin_button["x"] - (knobs["x"] + knobs["width"]) < 24
    assert spin_button["y"] == pytest.approx(knobs["y"], abs=2)
    middle = (knobs["x"] + spin_button["x"] + spin_button["width"]) / 2
    dial = box(page, "#dial")
    assert middle == pytest.approx(dial["x"] + dial["width"] / 2, abs=2)
