"""axe's checks of every page, in light and dark, on a laptop and a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.pages.browser import spin, wait_for_arrival
from tests.pages.classes import close, freeze, join, make_classroom
from tests.thorough import variants

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WAYS: dict[str, dict[str, Any]] = {
    "laptop": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}},
    "dark phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}
EVERY_WAY = pytest.mark.parametrize("way", variants(["laptop", "dark phone"], ["phone", "dark"]))


def serious_findings(page):
    page.wait_for_load_state()  # with the style sheets
    response = Axe().run(page).response
    assert len(response["passes"]) > 10  # it did look
    return [
        (found["id"], node["target"], node["failureSummary"])
        for found in response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@EVERY_WAY
def test_axe_finds_nothing_serious_on_the_wheel_page_before_and_after_a_spin(open_wheel, way):
    page = open_wheel(reduced_motion="reduce", **WAYS[way])
    assert serious_findings(page) == []
    spin(page)
    wait_for_arrival(page)
    page.click("#receipt-details > summary")
    page.click("#glossary-panel > summary")
    assert serious_findings(page) == []


@EVERY_WAY
def test_axe_finds_nothing_serious_with_other_the_ring_the_search_and_the_menu_on_show(
    open_wheel, live_server, way
):
    page = open_wheel(reduced_motion="reduce", **WAYS[way])
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    assert serious_findings(page) == []
    page.goto(f"{live_server.url}/wheel/{page.session_id}?top_k=3&temperature=2")
    page.click("#find-panel > summary")
    page.fill("#find-text", "dog")
    expect(page.locator(".found-token").first).to_be_visible()
    assert serious_findings(page) == []
    page.click("#menu > summary")
    assert serious_findings(page) == []


@pytest.mark.parametrize("way", variants(["dark phone"], ["laptop", "phone", "dark"]))
@pytest.mark.parametrize("path", ["/", "/join", "/wheel/nowhere", "/no/such/page"])
def test_axe_finds_nothing_serious_on_the_other_pages(open_wheel, live_server, way, path):
    page = open_wheel(**WAYS[way])
    page.goto(live_server.url + path)
    assert serious_findings(page) == []


@EVERY_WAY
def test_axe_finds_nothing_serious_on_a_start_page_that_shows_an_error(
    open_wheel, live_server, way
):
    page = open_wheel(**WAYS[way])
    page.goto(live_server.url)
    page.click(".start-button")
    expect(page.locator("#id_prompt_error")).to_be_visible()
    assert serious_findings(page) == []


@EVERY_WAY
def test_axe_finds_nothing_serious_in_a_class_that_is_open_frozen_and_over(open_wheel, way):
    classroom = make_classroom(locked=["temperature", "prompt"], temperature=0.5)
    page = open_wheel(session_id=join(classroom), reduced_motion="reduce", **WAYS[way])
    page.click("#knobs > summary")
    assert serious_findings(page) == []
    page.click("#knobs > summary")
    for change in (freeze, close):
        change(classroom)
        page.reload()
        assert serious_findings(page) == []


@EVERY_WAY
def test_axe_finds_nothing_serious_on_the_pages_for_joining_a_class(open_wheel, live_server, way):
    classroom = make_classroom()
    page = open_wheel(**WAYS[way])
    address = f"{live_server.url}/join?code="
    for code in (classroom.code, "XYZ234"):
        page.goto(address + code)
        assert serious_findings(page) == []
    page.goto(address + classroom.code)
    page.click(".join-button")
    page.wait_for_url("**/wheel/*")
    page.goto(address + classroom.code)
    assert serious_findings(page) == []
