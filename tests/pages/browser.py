"""A real Chromium under a strict content policy."""

import time

# Before anything of a page runs, so that nothing is missed.
REPORT_VIOLATIONS = """
    document.addEventListener("securitypolicyviolation", (event) => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber } = event;
      console.error(`CSP: ${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber}`);
    });
"""


def note_complaints(page, complaints):
    """Put whatever the browser says against a page into a list, violations of the policy too."""
    page.add_init_script(REPORT_VIOLATIONS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: note_failed(request, complaints))
    page.on("console", lambda said: note_said(said, complaints))


def note_failed(request, complaints):
    """But for what a page had no time to load before it was left."""
    if request.failure != "net::ERR_ABORTED":
        complaints.append(f"failed: {request.url} {request.failure}")


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
