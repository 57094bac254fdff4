"""Behaviour of the knobs in Chromium: the wheel moves with them, in view, and numbers are typed."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin, wait_for_frame
from tests.pages.conftest import history
from tests.waiting import wait_until
from wheel import services
from wheel.domain.wheel_settings import SETTINGS_IN_DISPLAY_ORDER

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LABELS = {spec.name: spec.label for spec in SETTINGS_IN_DISPLAY_ORDER}
KNOBS = list(LABELS)
PHONES = [{"width": 320, "height": 568}, {"width": 360, "height": 640}]
OPENED = "?top_k=0"  # a page that was asked for with a knob has its panel open

# Records, in every frame, the lowest opacity from the disc to the root, and the number of discs.
WATCH_OPACITY = """
    window.lowestOpacity = 1;
    function look() {
      let opacity = 1;
      const disc = document.querySelector("[data-disc]");
      for (let element = disc; element; element = element.parentElement) {
        opacity *= getComputedStyle(element).opacity;
      }
      window.lowestOpacity = Math.min(window.lowestOpacity, disc ? opacity : 0);
      requestAnimationFrame(look);
    }
    look();
"""
# The wheel as it is drawn: token ids, and the ends of segments with a width.
DRAWN = """
    [...document.querySelectorAll('[data-disc] [data-kind="token"]')]
      .filter((path) => path.getAttribute("d"))
      .map((path) => [Number(path.dataset.tokenId), Number(path.dataset.end)])
"""


def set_slider(page, name, value):
    page.evaluate(
        """([name, value]) => {
          const slider = document.getElementById(`knob-${name}-slider`);
          slider.value = value;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        [name, value],
    )


def touch(page, name):
    """Focus a knob, and wait until the page knows the wheels at its steps."""
    page.focus(f"#knob-{name}-slider")
    page.wait_for_function(
        """async (name) => {
          const entry = document.querySelector("script[type=module]").src;
          const { stepsFor } = await import(entry.replace(/[^/]*$/, "knob_steps.js"));
          return stepsFor(document.getElementById(`knob-${name}`)) !== null;
        }""",
        name,
    )


def api_segments(session_id, **settings):
    view = services.next_wheel(
        session_id=session_id,
        settings=services.get_session(session_id=session_id).session.settings.with_overrides(
            settings
        ),
        is_stored=False,
    )
    return [
        [segment.token_id, segment.end]
        for segment in view.wheel.segments
        if segment.token_id is not None
    ]


def wait_for_rest(page):
    """Wait until the segments stand still: the same in more frames than the first of a motion,
    which shows where it begins."""
    num_equal, before = 0, None
    while num_equal < 3:
        wait_for_frame(page)
        drawn = page.evaluate(DRAWN)
        num_equal = num_equal + 1 if drawn == before else 0
        before = drawn


def hold_wheel(page):
    """Keep the answers to the knobs' form back, so that only moved segments are on show."""
    page.route(re.compile(r"/wheel/[^/]+\?.*threshold="), lambda _: None)


@pytest.mark.parametrize(
    ("name", "values"),
    [("temperature", [0.4, 1.7, 3]), ("top_k", [5, 1, 30]), ("threshold", [0.05, 0.005])],
)
def test_the_segments_move_with_a_slider_to_where_the_server_puts_them(open_wheel, name, values):
    page = open_wheel(query=OPENED)
    hold_wheel(page)
    touch(page, name)
    for value in values:
        set_slider(page, name, value)
        page.wait_for_selector(f".dial-sentence:text(' {value:g}:')")
        wait_for_rest(page)
        drawn = page.evaluate(DRAWN)
        true = api_segments(page.session_id, **{name: value})
        assert [token_id for token_id, _ in drawn] == [token_id for token_id, _ in true]
        assert [end for _, end in drawn] == pytest.approx([end for _, end in true], abs=1e-5)


def test_a_step_shows_the_numbers_of_the_server_and_a_place_between_shows_none(open_wheel):
    page = open_wheel(query=OPENED)
    hold_wheel(page)
    touch(page, "temperature")
    set_slider(page, "temperature", 0.1)
    answer = page.request.get(f"{page.url.partition('?')[0]}/knob-steps?knob=temperature").json()
    step = answer["steps"][0]
    expect(page.locator(".dial-sentence")).to_have_text(step["sentence"])
    assert page.locator(".label-caption").all_text_contents() != []
    for caption in page.locator(".label-caption").all_text_contents():
        assert caption in step["labels"]
    page.fill("#knob-temperature", "0,12")
    expect(page.locator(".label-caption").first).to_be_hidden()
    expect(page.locator(".label-text").first).to_be_visible()


def test_nothing_fades_and_nothing_jumps_while_a_knob_is_moved_and_after(open_wheel):
    page = open_wheel(query=OPENED)
    touch(page, "temperature")
    page.evaluate(WATCH_OPACITY)
    for tenths in range(10, 30):
        set_slider(page, "temperature", tenths / 10)
        wait_for_frame(page)
    wait_for_rest(page)
    moved = page.evaluate(DRAWN)
    expect(page.locator(".ring").first).to_be_attached()
    true = page.evaluate(DRAWN)
    assert [token_id for token_id, _ in moved] == [token_id for token_id, _ in true]
    assert [end for _, end in moved] == pytest.approx([end for _, end in true], abs=1e-5)
    assert page.evaluate("lowestOpacity") == 1


def test_segments_grow_without_a_jump_between_two_steps(open_wheel):
    page = open_wheel(query=OPENED)
    hold_wheel(page)
    touch(page, "temperature")
    set_slider(page, "temperature", 1)
    wait_for_rest(page)
    page.evaluate(
        """() => {
          window.ends = [];
          const look = () => {
            window.ends.push(Number(document.querySelector('[data-kind="token"]').dataset.end));
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    set_slider(page, "temperature", 0.1)
    wait_for_rest(page)
    ends = page.evaluate("ends")
    assert ends == sorted(ends)
    assert len(set(ends)) > 3


def test_with_reduced_motion_the_wheel_is_at_the_step_at_once(open_wheel):
    page = open_wheel(query=OPENED, reduced_motion="reduce")
    hold_wheel(page)
    touch(page, "top_k")
    set_slider(page, "top_k", 3)
    assert len(page.evaluate(DRAWN)) == 3


def test_a_spin_waits_for_the_wheel_of_the_knob_that_was_moved_last(open_wheel):
    page = open_wheel(query=OPENED)
    touch(page, "top_k")
    page.evaluate(
        """() => {
          const slider = document.getElementById("knob-top_k-slider");
          slider.value = 1;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          document.getElementById("spin").click();
        }"""
    )
    page.wait_for_function("landings.length === 1")
    (chosen,) = history(page.session_id)
    assert chosen.settings.top_k == 1
    landing = page.evaluate("landings[0]")
    assert int(landing["under"][0]["tokenId"]) == chosen.token_id


def test_a_refused_knob_puts_the_wheel_back_that_can_be_spun(open_wheel):
    page = open_wheel(query=OPENED)
    before = page.evaluate(DRAWN)
    touch(page, "top_k")
    set_slider(page, "top_k", 2)
    page.wait_for_selector(".dial-sentence:text(' 2:')")
    assert page.evaluate(DRAWN) != before
    page.fill("#knob-top_k", "-2")
    expect(page.locator("#knob-top_k-error")).not_to_be_empty()
    wait_until(lambda: page.evaluate(DRAWN) == before)
    expect(page.locator(".dial-sentence")).to_have_count(0)
    spin(page)
    assert history(page.session_id)[0].settings.top_k == 0


def test_a_knob_says_its_result_to_a_screen_reader(open_wheel):
    page = open_wheel(query=OPENED)
    page.focus("#knob-top_k-slider")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    sentence = "Top-k 2: 2 tokens with a segment of their own"
    expect(page.locator("#announcer")).to_have_text(sentence)
    slider = page.get_by_role("slider", name="Top-k")
    expect(slider).to_have_attribute("aria-valuetext", "2")
    expect(slider).to_be_focused()


def test_arrow_keys_step_in_a_field_and_digits_typed_on_a_slider_go_there(open_wheel):
    page = open_wheel(query=OPENED)
    field = page.locator("#knob-temperature")
    field.focus()
    page.keyboard.press("ArrowUp")
    expect(field).to_have_value("1.1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_value("0.9")
    expect(page.locator("#knob-temperature-slider")).to_have_value("0.9")
    page.focus("#knob-temperature-slider")
    page.keyboard.type("0,7")
    expect(field).to_have_value("0,7")
    expect(page.locator("#announcer")).to_contain_text("Temperature 0.7:")


def test_each_knob_is_one_tab_stop_after_spin_and_before_the_list(open_wheel):
    page = open_wheel(query=OPENED)
    page.focus("#spin")
    stops: list[str] = []
    while not stops or not page.evaluate("!!document.activeElement.closest('#tokens-panel')"):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.id"))
        assert len(stops) < 20
    sliders = [stop for stop in stops if stop.endswith("-slider")]
    assert sliders == [f"knob-{name}-slider" for name in KNOBS]
    assert len(stops) <= 10


def test_temperature_0_offers_top_k_1_with_one_click(open_wheel):
    page = open_wheel(query=OPENED)
    page.fill("#knob-temperature", "0")
    expect(page.locator("#knob-temperature-error")).to_contain_text("the favourite always wins")
    page.click("text=Set top-k to 1")
    expect(page.locator("path.segment-token")).to_have_count(1)
    expect(page.locator("#knob-top_k")).to_have_value("1")
    expect(page.locator("#knob-temperature")).to_have_value("1")


def test_temperature_0_offers_top_k_1_without_javascript_too(open_wheel):
    page = open_wheel(query=OPENED, java_script_enabled=False)
    page.fill("#knob-temperature", "0")
    page.click("text=Apply")
    page.click("text=Set top-k to 1")
    expect(page.locator("path.segment-token")).to_have_count(1)


@pytest.mark.parametrize("viewport", PHONES, ids=lambda size: str(size["width"]))
def test_on_a_phone_one_knob_is_in_a_low_sheet_below_the_whole_wheel(open_wheel, viewport):
    page = open_wheel(viewport=viewport, has_touch=True, is_mobile=True, reduced_motion="reduce")
    page.tap("#knobs > summary")
    check_sheet(page, viewport["height"])
    for name in KNOBS:
        page.tap(f"label[for=show-{name}]")
        expect(page.locator(".knob-slider:visible")).to_have_id(f"knob-{name}-slider")
        page.evaluate("scrollTo(0, 9999)")
        page.focus(f"#knob-{name}-slider")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#announcer")).to_contain_text(LABELS[name])
        check_sheet(page, viewport["height"])
    page.tap("label[for=show-temperature]")
    page.fill("#knob-temperature", "0")
    link, spin_button = page.locator("#knob-remedy"), page.locator("#spin")
    expect(link).to_be_visible()
    assert bottom(link) <= spin_button.bounding_box()["y"]
    check_sheet(page, viewport["height"])


def bottom(locator):
    box = locator.bounding_box()
    return box["y"] + box["height"]


def check_sheet(page, height):
    names = (".knobs-sheet", "[data-dial]", "#spin", ".knob-input:visible")
    sheet, dial, spin_button, field = (page.locator(name).bounding_box() for name in names)
    assert sheet["height"] <= 0.4 * height
    assert dial["y"] >= 0
    assert dial["y"] + dial["height"] <= sheet["y"]
    assert field["y"] + field["height"] <= spin_button["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_sheet_keeps_its_knob_through_a_spin(open_wheel):
    page = open_wheel(viewport=PHONES[1], reduced_motion="reduce")
    page.click("#knobs > summary")
    page.click("label[for=show-min_p]")
    spin(page)
    expect(page.locator("#show-min_p")).to_be_checked()
    expect(page.locator("#knob-min_p-slider")).to_be_visible()


def test_the_sheet_switches_its_knob_without_javascript(open_wheel):
    page = open_wheel(viewport=PHONES[1], java_script_enabled=False)
    page.click("#knobs > summary")
    expect(page.locator("#knob-temperature")).to_be_visible()
    page.click("label[for=show-top_k]")
    expect(page.locator("#knob-temperature")).to_be_hidden()
    page.fill("#knob-top_k", "2")
    page.click("text=Apply")
    expect(page.locator("path.segment-token")).to_have_count(2)


@pytest.mark.parametrize("width", [1024, 1280])
def test_on_a_larger_screen_all_knobs_are_in_one_panel(open_wheel, width):
    page = open_wheel(viewport={"width": width, "height": 1024}, query=OPENED)
    expect(page.locator(".knob-slider:visible")).to_have_count(5)
    expect(page.locator(".knob-tab:visible")).to_have_count(0)
    page.fill("#knob-temperature", "0")
    expect(page.locator("#knob-remedy")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_wheel_there_are_no_knobs_and_no_spin_until_there_is_a_text(open_wheel):
    page = open_wheel(prompt=None, viewport=PHONES[1])
    expect(page.locator("#knobs")).to_be_hidden()
    expect(page.locator("#spin")).to_have_count(0)
    page.fill("#id_prompt", "The dog")
    page.click("text=Set this prompt")
    expect(page.locator("#spin")).to_be_visible()
    page.click("#knobs > summary")
    expect(page.locator("#knob-temperature-slider")).to_be_visible()
