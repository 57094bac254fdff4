"""The start page in Chromium: its first screen, and a list of recent wheels that stays cleared."""

import pytest
from playwright.sync_api import expect

from tests.api.fakes import changed_runtime
from tests.pages.conftest import start_session
from wheel import services
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import REGISTRY

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LONG_TEXT = "The old lighthouse keeper opened the door and saw that nothing was left " * 3


@pytest.fixture
def open_start(open_wheel, live_server, models_dir):
    """Opens the start page of a browser with three recent wheels, of a server with all models of
    the registry on offer."""
    all_models = ModelCatalog(REGISTRY.values(), models_dir)

    def open_page(**options):
        page = open_wheel(prompt=LONG_TEXT, **options)
        for prompt in (LONG_TEXT, "Once upon a time, there was"):
            page.goto(f"{live_server.url}/wheel/{start_session(prompt=prompt)}")
        page.goto(live_server.url)
        expect(page.locator(".card")).to_have_count(3)
        expect(page.locator(".recent-row")).to_have_count(3)
        return page

    with changed_runtime(catalog=all_models):
        yield open_page


def box_of(page, selector):
    return page.locator(selector).bounding_box()


def is_on_first_screen(page, selector):
    box, size = box_of(page, selector), page.viewport_size
    is_wide_enough = box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    return is_wide_enough and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1366, 768), (1920, 1080)])
def test_a_laptop_s_first_screen_has_the_prompt_the_models_and_start(open_start, width, height):
    page = open_start(viewport={"width": width, "height": height})
    for selector in ("#id_prompt", ".examples", ".cards", ".start-button", ".recent", "#join"):
        assert is_on_first_screen(page, selector), selector


@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 568)])
def test_a_phone_s_first_screen_has_the_prompt_and_the_way_into_a_class(open_start, width, height):
    page = open_start(viewport={"width": width, "height": height})
    assert is_on_first_screen(page, "#id_prompt")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click(".join-link")
    expect(page.locator("#id_code")).to_be_in_viewport()


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_a_cleared_list_does_not_come_back_with_the_back_button(open_start, java_script_enabled):
    page = open_start(java_script_enabled=java_script_enabled)
    page.get_by_role("button", name="Remove “Once upon a time, there was” from this list").click()
    expect(page.locator(".recent-row")).to_have_count(2)
    page.get_by_role("button", name="Not you? Clear this list").click()
    expect(page.locator(".notice")).to_contain_text("not deleted")
    expect(page.locator(".recent")).to_have_count(0)
    page.go_back()
    expect(page.locator("#id_prompt")).to_be_visible()
    expect(page.locator(".recent")).to_have_count(0)


def test_a_page_out_of_the_browser_s_memory_is_loaded_again(open_start):
    page = open_start()
    page.context.clear_cookies(name="last_wheels")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    expect(page.locator(".recent-row")).to_have_count(3)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator(".recent")).to_have_count(0)


def test_a_prompt_that_was_typed_does_not_come_back_with_the_back_button(open_start, live_server):
    page = open_start()
    page.fill("#id_prompt", "My secret")
    page.click(".start-button")
    expect(page.locator("#spin")).to_be_visible()
    page.go_back()
    expect(page.locator("#id_prompt")).to_have_value("")


@pytest.fixture
def started(monkeypatch):
    """The prompts with which sessions are started."""
    prompts, start_text = [], services.start_text

    def start(**arguments):
        prompts.append(arguments["prompt"])
        return start_text(**arguments)

    monkeypatch.setattr(services, "start_text", start)
    return prompts


def test_a_second_click_does_not_send_the_start_form_again(open_start, started):
    page = open_start()
    page.fill("#id_prompt", "Twice")
    are_prevented = page.evaluate(
        """() => {
          const arePrevented = [];
          addEventListener("submit", (event) => arePrevented.push(event.defaultPrevented));
          const button = document.querySelector(".start-button");
          button.click();
          button.click();
          return arePrevented;
        }"""
    )
    assert are_prevented == [False, True]
    expect(page.locator("#spin")).to_be_visible()
    assert started == ["Twice"]


def test_a_start_that_was_stopped_can_be_sent_again_once_the_page_is_shown_anew(
    open_start, live_server, started
):
    page = open_start()
    stopped = f"{live_server.url}/"
    page.route(stopped, lambda route: route.abort("aborted"))
    page.fill("#id_prompt", "Twice")
    with page.expect_event("requestfailed"):
        page.click(".start-button")
    expect(page.locator("#waiting")).to_have_text("Waiting for the server…")
    page.unroute(stopped)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    expect(page.locator("#waiting")).to_be_empty()
    page.click(".start-button")
    expect(page.locator("#spin")).to_be_visible()
    assert started == ["Twice"]
