"""Changes made in Chromium while a knob's wheel is under way, and requests that come too late."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history
from tests.pages.test_browser_knobs import OPENED, set_slider, touch
from tests.pages.test_browser_waiting import HeldAnswers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KNOBS_REQUEST = re.compile(r"/wheel/[^/]+\?.*threshold=")


def move_and_click(page, name, value, selector):
    """Move a knob and click at once, before the knob's request is sent."""
    page.evaluate(
        """([name, value, selector]) => {
          const slider = document.getElementById(`knob-${name}-slider`);
          slider.value = value;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          document.querySelector(selector).click();
        }""",
        [name, value, selector],
    )


def test_spin_stays_alive_when_a_change_beside_a_knob_on_the_way_fails(open_wheel):
    page = open_wheel(query=OPENED, reduced_motion="reduce")
    spin(page)
    held = HeldAnswers(page, KNOBS_REQUEST)
    page.route("**/undo", lambda route: route.abort())
    with page.expect_request(KNOBS_REQUEST):
        set_slider(page, "top_k", 3)
    page.click("#undo")
    held.release()
    expect(page.locator("#problem")).to_contain_text("did not answer as it should")
    spin(page)
    assert [item.settings.top_k for item in history(page.session_id)] == [0, 3]


def test_a_choice_waits_for_the_wheel_of_the_knob_and_keeps_its_token(open_wheel):
    page = open_wheel(query=OPENED, reduced_motion="reduce")
    touch(page, "top_k")
    token_id = page.get_attribute("#choose-1", "value")
    move_and_click(page, "top_k", 3, "#choose-1")
    expect(page.locator("button.chip")).to_have_count(1)
    (item,) = history(page.session_id)
    assert (item.settings.top_k, item.token_id) == (3, int(token_id))


def test_an_undo_waits_for_the_wheel_of_the_knob(open_wheel):
    page = open_wheel(query=OPENED, reduced_motion="reduce")
    spin(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    move_and_click(page, "top_k", 3, "#undo")
    expect(page.locator("button.chip")).to_have_count(0)
    order = [url for url in sent if KNOBS_REQUEST.search(url) or url.endswith("/undo")]
    assert [url.endswith("/undo") for url in order[:2]] == [False, True]


def test_a_spin_is_still_held_while_a_busy_server_is_asked_for_the_knobs_again(open_wheel):
    page = open_wheel(query=OPENED, reduced_motion="reduce")
    refusals = [1]

    def refuse_once(route):
        if refusals:
            refusals.pop()
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="busy")
        else:
            route.continue_()

    page.route(KNOBS_REQUEST, refuse_once)
    move_and_click(page, "top_k", 3, "#spin")
    expect(page.locator("button.chip")).to_have_count(1)
    assert [item.settings.top_k for item in history(page.session_id)] == [3]


def test_a_wheel_that_was_asked_for_before_a_change_never_replaces_the_one_after_it(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    spin(page)
    held = HeldAnswers(page, "**/wheel/*?*rank=*")
    page.click("#open-other")
    page.click("#undo")
    expect(page.locator("button.chip")).to_have_count(0)
    held.release()
    spin(page)
    expect(page.locator(".trail")).to_have_count(0)
    expect(page.locator("button.chip")).to_have_count(1)


def test_a_refused_knob_says_only_why(open_wheel):
    page = open_wheel(query=OPENED)
    page.fill("#knob-top_k", "-2")
    expect(page.locator("#knob-top_k-error")).not_to_be_empty()
    expect(page.locator("#announcer")).to_have_text("")


@pytest.mark.parametrize(
    ("typed", "value"), [("0,7", 0.7), ("٢٫٥", 2.5), ("۲", 2), ("1,000", None), ("0x1", None)]
)
def test_a_typed_number_moves_the_slider_as_the_server_reads_it(open_wheel, typed, value):
    page = open_wheel(query=OPENED)
    page.fill("#knob-temperature", typed)
    slider = page.locator("#knob-temperature-slider")
    expect(slider).to_have_attribute("aria-valuetext", typed)
    expect(slider).to_have_value(f"{1 if value is None else value:g}")


def test_the_knobs_rest_while_a_spin_is_under_way(open_wheel):
    page = open_wheel(query=OPENED, reduced_motion="reduce")
    held = HeldAnswers(page, "**/spin")
    page.click("#spin")
    expect(page.locator("#knobs-form[inert]")).to_be_attached()
    held.release()
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#knobs-form[inert]")).to_have_count(0)


def test_the_second_click_of_a_double_click_and_a_held_key_never_spin(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    dispatch = "document.getElementById('spin').dispatchEvent"
    click = "new MouseEvent('click', { bubbles: true, cancelable: true, detail: 2 })"
    init = "{ bubbles: true, cancelable: true, key: 'Enter', repeat: true }"
    assert not page.evaluate(f"{dispatch}({click})")
    assert not page.evaluate(f"{dispatch}(new KeyboardEvent('keydown', {init}))")
    assert history(page.session_id) == ()


def test_a_text_size_that_is_not_stored_is_reported(open_wheel):
    page = open_wheel()
    page.route("**/text-size*", lambda route: route.fulfill(status=429, body="busy"))
    page.click("#menu > summary")
    page.check("#size-1")
    expect(page.locator("#problem")).to_contain_text("did not answer as it should")
