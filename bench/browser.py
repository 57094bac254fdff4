"""Delays of a spin in Chromium: click to first motion, and landing to the next wheel.

    python -m bench.browser [--spins 20] [--tokens 0 300 900] [--slowdown 4]

Starts a server with SmolLM2. Needs the tools of `make test-tools`.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from bench import chromium
from bench.server import ServerProcess
from tokenwheel.environment import exit_on_setting_error

PROMPT = "The old lighthouse keeper opened the door and saw"

# Fills window.times with milliseconds. Animation callbacks run before their frame is painted, so
# the screen shows each observed state a moment later.
RECORD_TIMES = """
  window.times = {};
  const turning = () => document.querySelector("[data-disc]").getAnimations()
    .some((motion) => !motion.animationName && motion.currentTime > 0);
  function recordWhen(isTrue, name) {
    const check = () =>
      isTrue() ? (times[name] = performance.now()) : requestAnimationFrame(check);
    check();
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#spin")) return;
    window.times = { clicked: event.timeStamp };
    recordWhen(turning, "moved");
  }, true);
  document.addEventListener("wheel:landed", () => {
    const landed = document.querySelector("[data-disc]");
    times.landed = performance.now();
    recordWhen(() => {
      const disc = document.querySelector("[data-disc]");
      return disc && disc !== landed;
    }, "next");
  });
"""


def main() -> None:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {
            "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
            "LIMIT_SESSION": "",
        }
        server = ServerProcess(Path(folder), environment)
        server.prepare()
        server.start()
        try:
            browser = chromium.launch(playwright.chromium)
            for num_tokens in arguments.tokens:
                page = open_wheel(browser.new_page(), f"http://127.0.0.1:{server.port}", num_tokens)
                slow_down(page, arguments.slowdown)
                print(f"after {num_tokens} tokens")
                watched = [spin(page) for _ in range(arguments.spins)]
                print(summary("watched to the end", watched))
                skipped = [spin(page, skip=True) for _ in range(arguments.spins)]
                print(summary("skipped at once", skipped), flush=True)
                page.close()
            browser.close()
        finally:
            server.stop()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spins", type=int, default=20, help="of each kind")
    parser.add_argument("--tokens", type=int, nargs="+", default=[0], help="drawn before them")
    parser.add_argument("--slowdown", type=float, default=1, help="of the browser's processor")
    return parser.parse_args()


def open_wheel(page: Page, url: str, num_tokens: int) -> Page:
    page.goto(url)
    page.fill("#id_prompt", PROMPT)
    page.click(".start-button")
    page.wait_for_selector("#spin")
    session = f"{url}/api/sessions/{page.url.rpartition('/')[2]}"
    for _ in range(num_tokens):
        page.request.post(f"{session}/spin?history=none", data={})
    page.reload()
    page.evaluate(RECORD_TIMES)
    return page


def slow_down(page: Page, times: float) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})


def spin(page: Page, *, skip: bool = False) -> dict[str, float]:
    """Milliseconds on the page's clock at which a spin was clicked, moved, landed and replaced."""
    page.wait_for_timeout(1500)  # time for speculation, as when a student looks at the new wheel
    page.click("#spin")
    if skip:
        wait_for(page, "moved")
        page.keyboard.press("Escape")
    wait_for(page, "next")
    times: dict[str, float] = page.evaluate("times")
    return times


def wait_for(page: Page, name: str) -> None:
    while not page.evaluate(f"'{name}' in times"):
        page.wait_for_timeout(10)


def summary(title: str, spins: list[dict[str, float]]) -> str:
    lines = [f"{title}, {len(spins)} spins, ms: median / largest"]
    for label, start, end in (
        ("click to first motion", "clicked", "moved"),
        ("landing to next wheel", "landed", "next"),
    ):
        waits = [times[end] - times[start] for times in spins]
        lines.append(f"  {label:24} {statistics.median(waits):6.1f} / {max(waits):6.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
