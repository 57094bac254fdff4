"""The wall's drawings in Chromium: widths, links, and growth from one answer to the next."""

from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import BrowserContext

from tests.pages.browser import new_context, note_complaints, wait_until
from tests.pages.test_axe import serious_findings
from tests.pages.test_browser_layout import WIDER_THAN_THE_PAGE
from tests.pages.wall.classes import draw, hide, make_class, member_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Notes the keys of elements that are animated.
NOTE_ANIMATED = """() => {
    window.animated = [];
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (keyframes, options) {
      window.animated.push({ key: this.dataset.key, from: JSON.stringify(keyframes[0]) });
      return animate.call(this, keyframes, options);
    };
}"""
NUM_DRAWN = "document.querySelector('.pooled-count').textContent === '%s'"


@pytest.fixture
def classroom(wheel_runtime):
    classroom = make_class(8)
    for idx, ranks in enumerate([(0, 0), (0, 1), (0, 0, 1), (1, 2), (2,), (40,)]):
        draw(classroom, idx, *ranks)
    return classroom


@pytest.fixture
def open_wall(chromium, live_server, classroom):
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(query="", **options):
        user, _ = get_user_model().objects.get_or_create(
            username="t", is_staff=True, is_superuser=True
        )
        client = Client()
        client.force_login(user)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        context = new_context(chromium, **options)
        contexts.append(context)
        context.add_cookies([cookie | {"url": live_server.url}])
        page = context.new_page()
        note_complaints(page, complaints)
        page.wait_for_function = partial(wait_until, page)
        page.goto(f"{live_server.url}/classrooms/{classroom.pk}/wall{query}")
        page.evaluate(NOTE_ANIMATED)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def viewport(width, height):
    return {"viewport": {"width": width, "height": height}}


@pytest.mark.parametrize("query", ["", "?unfolded=on"])
@pytest.mark.parametrize("size", [(320, 640), (360, 740), (1024, 768), (1920, 1080)])
def test_nothing_is_wider_than_the_page(open_wall, size, query):
    page = open_wall(query, **viewport(*size))
    for text_size in ("normal", "largest"):
        page.evaluate("(size) => { document.documentElement.dataset.textSize = size; }", text_size)
        assert page.evaluate(WIDER_THAN_THE_PAGE) == [], text_size


def test_on_a_projector_the_wheel_and_its_numbers_are_beside_each_other(open_wall):
    page = open_wall(**viewport(1024, 768))
    disc, table = (
        page.locator(name).first.bounding_box() for name in (".pooled-disc", ".pooled-table")
    )
    assert disc["x"] + disc["width"] <= table["x"]
    assert disc["height"] <= 768


def test_only_what_has_changed_grows(open_wall, classroom):
    page = open_wall(**viewport(1280, 800))
    before = page.evaluate("[...document.querySelectorAll('[data-grow]')].map(e => e.dataset.key)")
    draw(classroom, 6, 0)
    page.wait_for_function(NUM_DRAWN % 7)
    animated = {item["key"]: item["from"] for item in page.evaluate("window.animated")}
    arcs = [key for key in animated if key.startswith("arc-")]
    assert arcs
    assert set(arcs) <= set(before), "the arcs that were there grow from their length"
    assert all("0px, " not in animated[key] for key in arcs)
    draw(classroom, 7, 5)
    page.evaluate("window.animated = []")
    page.wait_for_function(NUM_DRAWN % 8)
    animated = {item["key"]: item["from"] for item in page.evaluate("window.animated")}
    new = [key for key in animated if key.startswith("arc-") and key not in before]
    assert len(new) == 1
    assert animated[new[0]].startswith('{"strokeDasharray":"0, ')


def test_an_answer_without_a_change_moves_nothing(open_wall, classroom):
    page = open_wall(**viewport(1280, 800))
    hide(classroom, 7)  # a member without a token: its card changes alone
    classroom.refresh_from_db()
    type(classroom).objects.filter(pk=classroom.pk).update(version=classroom.version + 1)
    page.wait_for_selector(f"#show-{member_of(classroom, 7).pk}", state="attached")
    assert page.evaluate("window.animated") == []


def test_with_reduced_motion_nothing_grows(open_wall, classroom):
    page = open_wall(reduced_motion="reduce", **viewport(1280, 800))
    draw(classroom, 6, 0)
    page.wait_for_function(NUM_DRAWN % 7)
    assert page.evaluate("window.animated") == []


def test_a_click_on_a_fork_shows_its_wheel_and_marks_it(open_wall, classroom):
    page = open_wall(**viewport(1280, 800))
    page.locator(".tree-branch .tree-dot").first.click()
    page.wait_for_selector("#pooled-back")
    assert page.evaluate("location.search") == f"?fork={member_of(classroom, 0).pk}.1"
    assert page.locator(".tree-branch.tree-box-chosen").count() == 1
    page.click("#pooled-back")
    page.wait_for_selector(".tree-root.tree-box-chosen")


def test_a_zoomed_tree_is_left_by_a_link(open_wall):
    page = open_wall(**viewport(1280, 800))
    page.locator(".tree-zoom").first.click()
    page.get_by_role("link", name="The whole tree").click()
    page.wait_for_selector(".tree-zoom")


def test_the_list_does_all_that_the_picture_does_with_the_keyboard(open_wall):
    page = open_wall(**viewport(1280, 800))
    page.locator("#tree-list > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#pooled-back")
    assert page.locator("#tree-list").get_attribute("open") is not None


def test_the_end_of_the_followed_story_is_in_view(open_wall, classroom):
    page = open_wall(f"?follow={member_of(classroom, 5).pk}", **viewport(360, 740))
    box, frame = (
        page.locator(name).last.bounding_box() for name in (".tree-box-followed", "#tree-frame")
    )
    assert frame["x"] <= box["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
    assert frame["y"] <= box["y"]
    assert box["y"] + box["height"] <= frame["y"] + frame["height"] + 1


def test_texts_of_the_tree_stay_in_their_boxes(open_wall):
    page = open_wall("?unfolded=on", **viewport(1280, 800))
    page.evaluate("document.fonts.ready")
    wide = page.evaluate("""() => [...document.querySelectorAll(".tree-box")].filter((box) => {
      const room = box.querySelector(".tree-hit").getBoundingClientRect();
      return [...box.querySelectorAll("text")].some(
        (text) => text.getBoundingClientRect().right > room.right + 1);
    }).map((box) => box.textContent.trim())""")
    assert wide == []


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_drawings(open_wall, color_scheme):
    page = open_wall("?unfolded=on", color_scheme=color_scheme, **viewport(1280, 800))
    page.click("#tree-list > summary")
    page.click("#pooled-more > summary")
    assert serious_findings(page) == []
