"""The sign that the page waits for the server, in Chromium."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MOMENT_MS = 500


class HeldAnswers:
    """Keeps requests of a page to an address unanswered until `release`."""

    def __init__(self, page, address):
        self.routes, self.is_released = [], False
        page.route(address, self.hold)

    def hold(self, route):
        if self.is_released:
            route.continue_()
        else:
            self.routes.append(route)

    def release(self):
        self.is_released = True
        for route in self.routes:
            route.continue_()


@pytest.mark.parametrize("action", ["#undo", "#spin", "#open-other"])
def test_a_request_that_takes_long_is_shown_until_it_is_answered(open_wheel, action):
    page = open_wheel(reduced_motion="reduce")
    spin(page)
    held = HeldAnswers(page, "**/wheel/**")
    page.click(action)
    expect(page.locator("#waiting")).to_have_text("Waiting for the server…")
    held.release()
    expect(page.locator("#waiting")).to_be_empty()
    page.wait_for_selector("#stage:not([data-busy])", state="attached")


def test_a_next_wheel_that_is_late_is_waited_for_visibly(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    held = HeldAnswers(page, "**/wheel/*?*")
    page.click("#spin")
    expect(page.locator("#waiting")).to_be_visible()
    held.release()
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#waiting")).to_be_hidden()


def test_a_quick_answer_shows_no_sign(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    page.evaluate(
        """() => {
          window.signs = 0;
          const observer = new MutationObserver(() => { window.signs += 1; });
          observer.observe(document.getElementById("waiting"), { childList: true });
          document.addEventListener("htmx:beforeRequest", () => {
            window.sentAt = performance.now();
          });
          document.addEventListener("htmx:afterRequest", () => {
            window.tookMs = performance.now() - window.sentAt;
          });
        }"""
    )
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    page.wait_for_function("'tookMs' in window")
    is_quick = page.evaluate("tookMs") < MOMENT_MS
    assert page.evaluate("signs") == 0 or not is_quick
