"""Browsers without cascade layers, as Chromium with those rules removed: plain and readable.

The tests change the style sheets on their way to the browser as such a browser would read them.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.pages.browser import keep_screenshot
from tests.pages.test_browser_layout import WIDER_THAN_THE_PAGE

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

UNSUPPORTED = "not (height: 1dvh)"


def without_layers(css):
    """A style sheet without its `@layer` blocks and statements."""
    kept, depth, is_layer = [], 0, False
    for part in re.split(r"(@layer[^{;]*[{;]|[{}])", re.sub(r"/\*.*?\*/", "", css, flags=re.S)):
        is_start = part.startswith("@layer") and part.endswith("{")
        if is_start and not is_layer:
            is_layer, depth = True, 1
        elif is_layer:
            depth += part.count("{") - part.count("}")
            is_layer = depth > 0
        elif not part.startswith("@layer"):
            kept.append(part)
    return "".join(kept)


def without_dvh(css):
    """A style sheet whose rules for browsers without `dvh` apply, and whose others lack it."""
    return css.replace(UNSUPPORTED, "(display: block)").replace("dvh", "nothing")


def without_either(css):
    return without_dvh(without_layers(css))


@pytest.fixture(params=[without_either, without_dvh], ids=["no layers", "layers but no dvh"])
def page(open_wheel, request):
    page = open_wheel(viewport={"width": 360, "height": 740})

    def alter(route):
        path = Path(settings.BASE_DIR) / urlsplit(route.request.url).path.lstrip("/")
        is_style = path.suffix == ".css"
        text = path.read_text()
        body = request.param(text) if is_style else text.replace('"1dvh"', '"1nothing"')
        kind = "text/css" if is_style else "text/javascript"
        route.fulfill(body=body, content_type=kind)

    page.route(re.compile(r"\.css|older_browsers"), alter)
    page.reload()
    yield page
    page.wait_for_load_state("networkidle")  # a request after the test would outlast it


def test_only_the_plain_style_sheet_and_the_fonts_have_rules_outside_of_layers():
    folder = Path(settings.BASE_DIR) / "static/css"
    has_rules = {
        path.name for path in folder.glob("*.css") if without_layers(path.read_text()).strip()
    }
    teachers = {"admin.css", "admin-languages.css", "class-sheet.css"}
    assert has_rules == {"older-browsers.css", "api-docs.css"} | teachers


def test_an_older_browser_gets_a_wheel_that_can_be_read_and_spun(page):
    fills = page.eval_on_selector_all(
        "path.segment-token", "(paths) => paths.map((path) => getComputedStyle(path).fill)"
    )
    assert len(set(fills)) > 3
    assert "rgb(0, 0, 0)" not in fills
    dial = page.locator("#dial").bounding_box()
    assert 250 < dial["width"] <= 360
    keep_screenshot(page, "older-browser")
    assert page.evaluate(WIDER_THAN_THE_PAGE) == []
    page.click("#spin")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#result")).to_contain_text("bits of surprise")


def test_an_older_browser_loads_a_page_for_every_action(page):
    page.evaluate("window.isSamePage = true")
    page.click("#spin")
    expect(page.locator("button.chip")).to_have_count(1)
    page.click("#undo")
    expect(page.locator("button.chip")).to_have_count(0)
    assert not page.evaluate("window.isSamePage")


def test_an_older_browser_sends_the_knobs_with_their_button(page):
    page.click("#knobs > summary")
    expect(page.locator(".knob-slider, .knob-tab:visible, .knob-choice:visible")).to_have_count(0)
    page.fill("#knob-top_k", "2")
    with page.expect_navigation():
        page.click(".knobs-apply")
    expect(page.locator("#knob-top_k")).to_have_value("2")
    expect(page.locator("#dial-caption")).to_contain_text("as the knobs shape it")
    page.click("#spin")
    expect(page.locator("button.chip")).to_have_count(1)


def test_the_start_page_can_be_read_in_an_older_browser(page, live_server):
    page.goto(live_server.url)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".emblem").bounding_box()["width"] < 360
    page.fill("#id_prompt", "The dog")
    page.click(".start-button")
    expect(page.locator("#spin")).to_be_visible()
