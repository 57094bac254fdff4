"""Helpers for tests in Chromium: complaints of the browser, waits, spins, screenshots."""

import time
from pathlib import Path

from tests.waiting import HANGING_S

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"

# Added before any script of a page runs, so that no violation is missed.
REPORT_VIOLATIONS = """
    document.addEventListener("securitypolicyviolation", (event) => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber } = event;
      console.error(`CSP: ${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber}`);
    });
"""

# Counts animations, and records the segments under the tip of the pointer when the wheel has
# landed. They are found in the wheel's own coordinates, since a pixel is wider than many segments.
NOTE_LANDINGS = """
    window.landings = [];
    window.numAnimations = 0;
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (...animation) {
      window.numAnimations += 1;
      return animate.apply(this, animation);
    };
    const tip = new DOMPoint(0, -88);
    function isUnderTip(path, pointer) {
      const place = tip.matrixTransform(pointer.getScreenCTM());
      return path.isPointInFill(place.matrixTransform(path.getScreenCTM().inverse()));
    }
    document.addEventListener("wheel:landed", ({ detail }) => {
      const pointer = document.querySelector("[data-pointer]").ownerSVGElement;
      const under = [...document.querySelectorAll("[data-disc] [data-kind]")]
        .filter((path) => isUnderTip(path, pointer));
      window.landings.push({
        under: under.map(({ dataset }) => ({ ...dataset })),
        receipt: detail,
        numChips: document.querySelectorAll(".chip").length,
        announced: document.getElementById("announcer").textContent,
      });
    });
"""

# Once the page is idle, Escape would close something else instead, such as the guided start.
SKIP_IF_BUSY = """
    () => {
      if (!document.querySelector("#stage[data-busy]")) return;
      const options = { key: "Escape", bubbles: true, cancelable: true };
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", options));
    }
"""


def new_context(chromium, **options):
    """A browser profile of its own, whose waits are bounded only against hanging."""
    context = chromium.new_context(**options)
    context.set_default_timeout(HANGING_S * 1000)
    return context


def guide_seen(origin):
    """The state of a browser in which the guided start was shown before."""
    item = {"name": "tokenwheel-guide", "value": "seen"}
    return {"cookies": [], "origins": [{"origin": origin, "localStorage": [item]}]}


def note_complaints(page, complaints):
    """Collect script errors, failed requests, console warnings and policy violations of a page."""
    page.add_init_script(REPORT_VIOLATIONS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: note_failed(request, complaints))
    page.on("console", lambda said: note_said(said, complaints))


def note_failed(request, complaints):
    """Requests that a page aborted because it was left do not count."""
    if request.failure != "net::ERR_ABORTED":
        complaints.append(f"failed: {request.url} {request.failure}")


def note_said(said, complaints, *, about=""):
    if said.type in ("error", "warning") and about in said.text:
        complaints.append(said.text)


def note_violations(page, violations):
    """Collect only violations of the content security policy."""
    page.on("console", lambda said: note_said(said, violations, about="Content Security Policy"))


def wait_until(page, expression, arg=None):
    """Wait for a JavaScript expression to become true.

    Playwright's own `wait_for_function` evaluates a string in the page, which the content policy
    forbids; its `evaluate` does so from outside.
    """
    give_up_at = time.monotonic() + HANGING_S
    while not page.evaluate(expression, arg):
        assert time.monotonic() < give_up_at, f"never came true: {expression}"
        page.wait_for_timeout(10)


def spin(page, click=None):
    """Spin, skip to the end, and wait for the next wheel; returns what the page noted."""
    num_landed, num_animations = page.evaluate("[landings.length, numAnimations]")
    (click or page.click)("#spin")
    page.wait_for_function("(num) => numAnimations > num", arg=num_animations)
    page.evaluate(SKIP_IF_BUSY)
    page.wait_for_function("(num) => landings.length > num", arg=num_landed)
    landing = page.evaluate("landings.at(-1)")
    page.evaluate(SKIP_IF_BUSY)
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    return landing


def wait_for_frame(page):
    """Wait until the browser has drawn a frame."""
    page.evaluate("new Promise(requestAnimationFrame)")


def wait_for_arrival(page):
    """Wait until the next wheel is alone: without the one before it and the token on its way."""
    wait_until(page, "document.querySelector('.disc-before, .flyer') === null")


def keep_screenshot(page, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    # Hiding the caret leaves empty style attributes, which the policy does not let htmx copy.
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, caret="initial")
