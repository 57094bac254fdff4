"""A real Chromium under a strict content policy."""

import time
from pathlib import Path

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"

# Before anything of a page runs, so that nothing is missed.
REPORT_VIOLATIONS = """
    document.addEventListener("securitypolicyviolation", (event) => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber } = event;
      console.error(`CSP: ${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber}`);
    });
"""

# What lies under the tip of the pointer when the wheel has landed, kept for the test to read: in
# the wheel's own coordinates, since a pixel is wider than many a segment.
NOTE_LANDINGS = """
    window.landings = [];
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


def note_complaints(page, complaints):
    """Put whatever the browser says against a page into a list, violations of the policy too."""
    page.add_init_script(REPORT_VIOLATIONS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on("console", lambda said: note_said(said, complaints))


def note_said(said, complaints, *, about=""):
    if said.type in ("error", "warning") and about in said.text:
        complaints.append(said.text)


def note_violations(page, violations):
    """The same for violations of the policy alone."""
    page.on("console", lambda said: note_said(said, violations, about="Content Security Policy"))


def wait_until(page, expression, arg=None, timeout_s=10.0):
    """Playwright's own `wait_for_function` evaluates a string in the page, which the policy does
    not let it; its `evaluate` does so from outside."""
    give_up_at = time.monotonic() + timeout_s
    while not page.evaluate(expression, arg):
        assert time.monotonic() < give_up_at, f"never came true: {expression}"
        page.wait_for_timeout(10)


def spin(page, click=None):
    """Spin, skip to the end, and wait for the next wheel; returns what the page noted."""
    num_landed = page.evaluate("landings.length")
    (click or page.click)("#spin")
    page.wait_for_function("document.getAnimations().some((a) => !a.animationName)")
    page.keyboard.press("Escape")
    page.wait_for_function("(num) => landings.length > num", arg=num_landed)
    landing = page.evaluate("landings.at(-1)")
    page.keyboard.press("Escape")
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    return landing


def keep_screenshot(page, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    # Hiding the caret leaves empty style attributes, which the policy does not let htmx copy.
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, caret="initial")
