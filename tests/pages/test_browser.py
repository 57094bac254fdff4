"""The wheel page in Chromium: spins, landings, double clicks, panels, labels."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import keep_screenshot, spin
from tests.pages.conftest import history
from wheel import services
from wheel.services import states

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def odd_angles(session_id):
    """Just inside the borders of the wheel on show, and all over its Other."""
    wheel = services.next_wheel(session_id=session_id).wheel
    inside = 2e-5  # turns: less than a hundredth of a degree
    borders = [
        u
        for s in wheel.segments
        if s.end - s.start > 2 * inside
        for u in (s.start + inside, s.end - inside)
    ]
    other = [
        wheel.other_start + share * (1 - wheel.other_start) for share in (0.03, 0.4, 0.8, 0.99999)
    ]
    return borders, other


def spin_at(page, u):
    """Spin at this u, and take it back; the pointer must stand on the token that was added."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(states, "draw_u", lambda **_: u)
        (under,) = spin(page)["under"]
    chosen = history(page.session_id)[-1]
    assert chosen.u == u
    assert under["kind"] == "token"
    assert int(under["tokenId"]) == chosen.token_id
    last_chip = page.locator("button.chip").last
    assert int(last_chip.get_attribute("data-token-id")) == chosen.token_id
    page.click("#undo")
    expect(page.locator("button.chip")).to_have_count(0)


@pytest.mark.parametrize("prompt", ["The cat sat on the", "The dog", "In the", "A house", "We"])
def test_the_token_under_the_pointer_is_the_token_that_is_added(open_wheel, prompt):
    """Ten spins for each of five wheels."""
    page = open_wheel(prompt=prompt, reduced_motion="reduce")
    borders, other = odd_angles(page.session_id)
    for u in [*borders[:3], *borders[-3:], *other]:
        spin_at(page, u)


@pytest.mark.parametrize("u", [0.0, 0.3, 0.99985])
def test_a_segment_of_nearly_the_whole_circle_still_draws_and_is_landed_on(open_wheel, u):
    page = open_wheel(query="?temperature=0.02", reduced_motion="reduce")
    wheel = services.next_wheel(session_id=page.session_id).wheel
    assert wheel.distribution.ranked_probs[0] > 0.9998
    spin_at(page, u)


def test_a_token_of_the_grey_is_reached_through_the_wheels_inside_it(open_wheel):
    page = open_wheel(query="?threshold=1")
    spin_at(page, 0.7)
    keep_screenshot(page, "grey")


def test_the_result_is_said_before_the_text_grows_and_focus_stays_on_spin(open_wheel):
    page = open_wheel()
    landing = spin(page)
    assert landing["numChips"] == 5
    assert "bits of surprise" in landing["announced"]
    expect(page.locator(".chip")).to_have_count(6)
    expect(page.locator("#spin")).to_be_focused()
    expect(page.locator("#result")).to_contain_text("bits of surprise")


def test_the_wheel_turns_to_the_end_by_itself(open_wheel):
    page = open_wheel()
    page.click("#spin")
    page.wait_for_function("landings.length === 1")
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    assert len(history(page.session_id)) == 1


def test_a_double_click_spins_once(open_wheel):
    page = open_wheel()
    spin(page, click=page.dblclick)
    expect(page.locator(".chip")).to_have_count(6)
    assert page.evaluate("landings.length") == 1
    assert len(history(page.session_id)) == 1


def test_with_reduced_motion_the_wheel_jumps_to_its_end(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    page.evaluate(
        """() => {
          const animate = Element.prototype.animate;
          window.durations = [];
          Element.prototype.animate = function (frames, options) {
            window.durations.push(options.duration);
            return animate.call(this, frames, options);
          };
        }"""
    )
    page.dblclick("#spin")
    page.wait_for_function("landings.length === 1")
    landing = page.evaluate("landings[0]")
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    (chosen,) = history(page.session_id)
    turned = page.evaluate("durations.filter((duration) => duration !== 1200)")
    assert set(turned) == {0}
    assert int(landing["under"][0]["tokenId"]) == chosen.token_id


def test_everything_works_without_javascript(open_wheel):
    page = open_wheel(java_script_enabled=False)
    page.click("#spin")
    expect(page.locator(".chip")).to_have_count(6)
    expect(page.locator("#result")).to_contain_text("bits of surprise")
    page.locator("#tokens-panel button").nth(2).click()
    expect(page.locator(".chip")).to_have_count(7)
    page.click("#undo")
    expect(page.locator(".chip")).to_have_count(6)
    page.click("#knobs summary")
    page.fill("#knob-top_k", "2")
    page.click("#knobs-form button")
    expect(page.locator("path.segment-token")).to_have_count(2)
    page.click("#new-text-panel summary")
    page.fill("#id_prompt", "The dog")
    page.click("text=Set this prompt")
    assert services.get_session(session_id=page.session_id).current_text == "The dog"


def test_choosing_undoing_and_a_new_prompt_change_the_page_in_place(open_wheel):
    page = open_wheel()
    page.evaluate("window.isSamePage = true")
    page.locator("#tokens-panel button").nth(1).click()
    expect(page.locator(".chip")).to_have_count(6)
    page.click("#undo")
    expect(page.locator(".chip")).to_have_count(5)
    page.click("#new-text-panel summary")
    page.fill("#id_prompt", "The dog")
    page.click("text=Set this prompt")
    expect(page.locator(".chip")).not_to_have_count(5)
    assert page.evaluate("window.isSamePage")


def test_the_knobs_are_live_and_a_panel_stays_open(open_wheel):
    page = open_wheel()
    page.click("#knobs summary")
    page.fill("#knob-top_k", "2")
    expect(page.locator("path.segment-token")).to_have_count(2)
    expect(page.locator("#knob-top_k")).to_be_focused()
    page.fill("#knob-top_k", "-2")
    expect(page.locator("#knob-top_k-error")).not_to_be_empty()
    expect(page.locator("path.segment-token")).to_have_count(2)
    page.click("text=Reset")
    expect(page.locator("#knob-top_k")).to_have_value("0")
    expect(page.locator("#knob-top_k")).to_be_visible()


def test_a_stale_tab_is_told_and_can_go_on(open_wheel):
    page = open_wheel()
    services.spin(session_id=page.session_id)
    page.click("#spin")
    expect(page.locator("#problem")).to_contain_text("The text has moved on")
    expect(page.locator(".chip")).to_have_count(6)
    spin(page)
    assert len(history(page.session_id)) == 2


def test_a_server_that_is_gone_leaves_the_wheel_usable(open_wheel):
    page = open_wheel()
    page.route("**/spin", lambda route: route.abort())
    page.click("#spin")
    expect(page.locator("#problem")).to_contain_text("please try again")
    page.unroute("**/spin")
    spin(page)
    expect(page.locator("#problem")).to_be_empty()


def test_a_busy_server_is_told_beside_the_wheel(open_wheel):
    page = open_wheel()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "spin", raise_busy)
        page.click("#spin")
        expect(page.locator("#problem")).to_contain_text("busy")
    spin(page)
    assert len(history(page.session_id)) == 1


def raise_busy(**kwargs):
    from wheel.errors import EngineBusyError

    raise EngineBusyError


@pytest.mark.parametrize("prompt", ["The cat sat on the", "x" * 40, "السلام عليكم", "😀😀"])
def test_nothing_scrolls_sideways_at_320_pixels(open_wheel, live_server, prompt):
    page = open_wheel(prompt=prompt, viewport={"width": 320, "height": 640})
    spin(page)
    page.click("#knobs summary")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("#knobs summary")
    page.click("#receipt-details summary")
    page.click("#new-text-panel summary")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep_screenshot(page, "phone")
    page.goto(live_server.url)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_spin_is_in_reach_wherever_the_page_is(open_wheel):
    page = open_wheel(viewport={"width": 360, "height": 640})
    for place in ("0", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {place})")
        expect(page.locator("#spin")).to_be_in_viewport(ratio=1)


def test_nothing_moves_when_the_next_wheel_comes_in(open_wheel):
    page = open_wheel()
    before = page.locator("[data-dial]").bounding_box(), page.locator("#knobs").bounding_box()
    spin(page)
    after = page.locator("[data-dial]").bounding_box(), page.locator("#knobs").bounding_box()
    assert before == after


def test_a_text_in_arabic_reads_from_the_right(open_wheel):
    page = open_wheel(prompt="السلام عليكم")
    chips = page.locator(".chip")
    assert chips.nth(0).bounding_box()["x"] > chips.nth(1).bounding_box()["x"]


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_labels_stand_out_from_every_segment(open_wheel, color_scheme):
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5:1."""
    page = open_wheel(color_scheme=color_scheme)
    ratios = page.evaluate(
        """() => {
          const context = document.createElement("canvas").getContext("2d");
          const luminance = (color) => {
            context.fillStyle = color;
            context.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
              const part = value / 255;
              return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const disc = document.querySelector("[data-disc]");
          const fillOf = (classes) => {
            const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
            path.setAttribute("class", classes);
            disc.append(path);
            return luminance(getComputedStyle(path).fill);
          };
          const ink = fillOf("label");
          const hues = [...Array(12).keys()].map((hue) => `segment segment-token hue-${hue}`);
          return [...hues, "hatch-ground", "hatch-line"].map(
            (classes) => (fillOf(classes) + 0.05) / (ink + 0.05),
          );
        }"""
    )
    assert min(ratios) >= 4.5
    assert max(ratios) < 21
    keep_screenshot(page, color_scheme)
