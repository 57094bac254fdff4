"""Segments of the wheel in Chromium: hovered, tapped, reached by keys, shown in the hub, chosen."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}

# A point of the segment near the rim, in pixels of the screen.
PLACE_OF_SEGMENT = """
    (path) => {
      const middle = (Number(path.dataset.start) + Number(path.dataset.end)) * Math.PI;
      const point = new DOMPoint(85 * Math.sin(middle), -85 * Math.cos(middle));
      const { x, y } = point.matrixTransform(path.getScreenCTM());
      return [x, y];
    }
"""

# Labels with a corner outside the segment that contains their middle, as the browser sets them.
LABELS_OUTSIDE = """
    () => {
      const disc = document.querySelector("[data-disc]");
      const toDisc = disc.getScreenCTM().inverse();
      const turns = ({ x, y }) => (Math.atan2(x, -y) / (2 * Math.PI) + 1) % 1;
      const segments = [...disc.querySelectorAll("[data-kind]")];
      const isOutside = (text) => {
        const { x, width, y, height } = text.getBBox();
        const size = Number.parseFloat(getComputedStyle(text).fontSize);
        const top = y + height / 2 - 0.475 * size;
        const at = (px, py) =>
          new DOMPoint(px, py).matrixTransform(text.getScreenCTM()).matrixTransform(toDisc);
        const middle = turns(at(x + width / 2, y + height / 2));
        const { start, end } = segments.find(
          ({ dataset }) => Number(dataset.start) <= middle && middle < Number(dataset.end),
        ).dataset;
        return [x, x + width].some((px) => [top, top + 0.95 * size].some((py) => {
          const corner = at(px, py);
          const away = Math.hypot(corner.x, corner.y);
          const slack = 0.2 / away; // a fifth of a unit, in radians
          const beyond = Math.max(start - turns(corner), turns(corner) - end) * 2 * Math.PI;
          return away < 27 || away > 90 || beyond > slack;
        }));
      };
      return [...disc.querySelectorAll(".label text")].filter(isOutside).map((t) => t.textContent);
    }
"""


def segments(page):
    return page.locator("[data-disc] [data-kind]")


def place_of(segment):
    return segment.evaluate(PLACE_OF_SEGMENT)


def expect_shown(page, segment):
    for name in ("text", "share"):
        expect(page.locator(f"[data-peek-{name}]")).to_have_text(
            segment.get_attribute(f"data-{name}")
        )
    assert segment.evaluate("(path) => path.hasAttribute('data-lifted')")
    lifted = page.locator("[data-lift]").bounding_box()
    assert lifted["width"] > segment.bounding_box()["width"]


def is_on_top(locator):
    """Whether a click in the middle of the element reaches it."""
    return locator.evaluate(
        """(element) => {
          const { left, top, width, height } = element.getBoundingClientRect();
          const shown = document.elementFromPoint(left + width / 2, top + height / 2);
          return element.contains(shown);
        }"""
    )


def test_hovering_a_segment_shows_it_in_the_hub_until_the_pointer_leaves(open_wheel):
    page = open_wheel()
    for idx in (0, 3, segments(page).count() - 1):
        page.mouse.move(*place_of(segments(page).nth(idx)))
        expect_shown(page, segments(page).nth(idx))
        expect(page.locator("#spin")).to_be_visible()
    page.mouse.move(1270, 5)
    expect(page.locator("[data-peek-panel]")).to_be_hidden()
    expect(page.locator("[data-lift]")).to_be_hidden()
    assert history(page.session_id) == ()


def test_spin_can_be_clicked_while_a_segment_is_hovered_or_kept(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    x, y = place_of(segments(page).nth(1))
    page.mouse.move(x, y)
    spin(page)
    page.mouse.click(*place_of(segments(page).nth(1)))
    expect(page.locator("#peek-choose")).to_be_visible()
    spin(page)
    assert len(history(page.session_id)) == 2
    expect(page.locator("[data-peek-panel]")).to_be_hidden()


def test_a_click_keeps_a_segment_in_the_hub_and_choose_adds_its_token(open_wheel):
    page = open_wheel()
    segment = segments(page).nth(2)
    token_id = int(segment.get_attribute("data-token-id"))
    page.mouse.click(*place_of(segment))
    page.mouse.move(1270, 5)
    expect_shown(page, segment)
    expect(page.locator("#peek-open")).to_be_hidden()
    assert is_on_top(page.locator("#peek-choose"))
    page.click("#peek-choose")
    expect(page.locator("button.chip")).to_have_count(1)
    (chosen,) = history(page.session_id)
    assert (chosen.token_id, chosen.u) == (token_id, None)
    expect(page.locator("[data-peek-panel]")).to_be_hidden()


def test_escape_and_a_click_elsewhere_end_it(open_wheel):
    page = open_wheel(**PHONE)
    for end in (lambda: page.keyboard.press("Escape"), lambda: page.mouse.click(2, 300)):
        page.mouse.click(*place_of(segments(page).nth(0)))
        expect(page.locator("[data-peek-panel]")).to_be_visible()
        end()
        expect(page.locator("[data-peek-panel]")).to_be_hidden()


def test_a_click_on_the_grey_that_is_hovered_opens_it(open_wheel):
    page = open_wheel()
    page.mouse.click(*place_of(segments(page).last))
    expect(page.locator(".trail")).to_contain_text("Other")
    expect(page.locator("#spin")).to_have_accessible_name("Spin whole wheel")


def test_a_finger_s_first_tap_selects_and_does_not_choose_or_open(open_wheel):
    page = open_wheel(**PHONE)
    other = segments(page).last
    page.touchscreen.tap(*place_of(other))
    expect_shown(page, other)
    expect(page.locator("#peek-choose")).to_be_hidden()
    assert is_on_top(page.locator("#peek-open"))
    page.touchscreen.tap(*place_of(segments(page).nth(1)))
    expect_shown(page, segments(page).nth(1))
    assert is_on_top(page.locator("#peek-choose"))
    assert is_on_top(page.locator("#spin"))
    assert history(page.session_id) == ()
    expect(page.locator(".trail")).to_have_count(0)
    page.touchscreen.tap(*place_of(other))
    page.locator("#peek-open").tap()
    expect(page.locator(".trail")).to_contain_text("Other")


def test_the_wheel_is_one_tab_stop_with_arrow_keys_between_its_segments(open_wheel):
    page = open_wheel()
    disc = page.locator("[data-disc]")
    assert disc.get_attribute("aria-label").startswith("Wheel of the next token")
    assert page.locator("[data-disc] [tabindex]").count() == 0
    disc.focus()
    expect(disc).to_have_role("listbox")
    for key, idx in [("ArrowRight", 0), ("ArrowDown", 1), ("ArrowLeft", 0), ("ArrowUp", -1)]:
        page.keyboard.press(key)
        segment = segments(page).nth(idx)
        expect_shown(page, segment)
        expect(segment).to_have_role("option")
        expect(segment).to_have_accessible_name(segment.get_attribute("data-name"))
        expect(segment).to_have_attribute("aria-selected", "true")
        expect(disc).to_have_attribute("aria-activedescendant", segment.get_attribute("id"))
        expect(disc).to_be_focused()
    page.keyboard.press("Home")
    expect_shown(page, segments(page).nth(0))
    page.keyboard.press("End")
    expect_shown(page, segments(page).last)


def test_a_token_is_chosen_by_keys_alone_and_the_focus_stays_on_the_wheel(open_wheel):
    page = open_wheel()
    page.locator("[data-disc]").focus()
    page.keyboard.press("ArrowRight")
    token_id = int(segments(page).nth(0).get_attribute("data-token-id"))
    page.keyboard.press("Enter")
    expect(page.locator("#peek-choose")).to_be_focused()
    expect(page.locator("#peek-choose")).to_have_accessible_name(
        f"Choose {segments(page).nth(0).get_attribute('data-name')}"
    )
    page.keyboard.press("Escape")
    expect(page.locator("[data-disc]")).to_be_focused()
    for key in ("ArrowRight", "Enter", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("button.chip")).to_have_count(1)
    assert history(page.session_id)[0].token_id == token_id
    expect(page.locator("[data-disc]")).to_be_focused()


def test_segments_too_narrow_for_a_finger_are_reached_by_keys(open_wheel):
    page = open_wheel(query="?threshold=0")
    page.locator("[data-disc]").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    narrow = segments(page).nth(199)
    expect_shown(page, narrow)
    assert (
        float(narrow.get_attribute("data-end")) - float(narrow.get_attribute("data-start")) < 0.01
    )
    expect(page.locator("#peek-choose")).to_be_visible()


def test_without_javascript_the_wheel_is_a_picture_with_a_name(open_wheel):
    page = open_wheel(java_script_enabled=False)
    expect(page.locator("[data-disc]")).to_have_role("img")
    expect(page.locator("[data-peek-panel]")).to_be_hidden()


def test_the_caption_says_that_grey_opens_and_leads_there(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    expect(page.locator("[data-disc] .sign")).to_have_count(1)
    expect(page.locator("#dial-caption")).to_contain_text("Other, the grey segment, stands for")
    page.click("#dial-caption a")
    expect(page.locator(".trail")).to_contain_text("Other")
    spin(page)
    expect(page.locator("#spin")).to_have_accessible_name("Spin")


@pytest.mark.parametrize("query", ["", "?temperature=1.5&threshold=0.003", "?rank=300&depth=1"])
def test_every_label_as_the_browser_sets_it_is_inside_its_segment(open_wheel, query):
    page = open_wheel(query=query)
    page.evaluate("document.fonts.ready.then(() => null)")
    assert page.locator(".label").count() > 5
    assert page.evaluate(LABELS_OUTSIDE) == []


def test_a_kept_segment_ends_when_a_knob_moves_and_keys_on_the_moving_disc_are_safe(open_wheel):
    page = open_wheel(query="?top_k=0")
    page.route("**/wheel/*?*threshold=*", lambda _: None)  # only moved segments are on show
    page.focus("[data-disc]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-peek-panel]")).to_be_visible()
    with page.expect_response("**/knob-steps?*"):
        page.focus("#knob-top_k-slider")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-peek-panel]")).to_be_hidden()
    expect(page.locator("[data-disc][data-moving]")).to_be_attached()
    page.focus("[data-disc]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(page.locator("[data-peek-panel]")).to_be_hidden()


def test_a_hovered_segment_is_not_selected_and_escape_dismisses_it(open_wheel):
    page = open_wheel()
    segment = segments(page).first
    page.mouse.move(*place_of(segment))
    expect(page.locator("[data-peek-panel]")).to_be_visible()
    expect(segment).to_have_attribute("aria-selected", "false")
    page.keyboard.press("Escape")
    expect(page.locator("[data-peek-panel]")).to_be_hidden()


def test_after_escape_no_segment_is_active(open_wheel):
    page = open_wheel()
    page.focus("[data-disc]")
    page.keyboard.press("ArrowRight")
    expect(segments(page).first).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-disc]")).to_have_attribute("aria-activedescendant", re.compile("."))
    page.keyboard.press("Escape")
    expect(page.locator("[data-disc][aria-activedescendant]")).to_have_count(0)


def test_one_press_of_escape_closes_the_menu_and_keeps_the_level(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    page.click("#menu > summary")
    page.keyboard.press("Escape")
    expect(page.locator("#menu[open]")).to_have_count(0)
    expect(page.locator(".trail")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".trail")).to_have_count(0)
