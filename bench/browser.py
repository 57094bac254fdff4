"""Times a spin as a student feels it, in a real Chromium against a real server with SmolLM2:
from the click to the first motion, and from the landing to the next wheel.

Usage: python -m bench.browser [--spins 20]
"""

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from bench.server import ServerProcess

PROMPT = "The old lighthouse keeper opened the door and saw"
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# A frame is drawn after its callbacks, so what a callback sees is on the screen a moment later.
WATCH = """
  window.times = {};
  const turning = () => document.querySelector("[data-disc]").getAnimations()
    .some((motion) => !motion.animationName && motion.currentTime > 0);
  function until(isSo, name) {
    const look = () => isSo() ? (times[name] = performance.now()) : requestAnimationFrame(look);
    look();
  }
  document.addEventListener("click", (event) => {
    if (event.target.id !== "spin") return;
    window.times = { clicked: event.timeStamp };
    until(turning, "moved");
  }, true);
  document.addEventListener("wheel:landed", () => {
    const landed = document.querySelector("[data-disc]");
    times.landed = performance.now();
    until(() => {
      const disc = document.querySelector("[data-disc]");
      return disc && disc !== landed;
    }, "next");
  });
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spins", type=int, default=20)
    num_spins = parser.parse_args().spins
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        models = {"TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE)}
        server = ServerProcess(Path(folder), models)
        server.prepare()
        server.start()
        try:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
            )
            page = open_wheel(browser.new_page(), f"http://127.0.0.1:{server.port}")
            report("watched to the end", [spin(page, skip=False) for _ in range(num_spins)])
            report("skipped at once", [spin(page, skip=True) for _ in range(num_spins)])
            browser.close()
        finally:
            server.stop()


def open_wheel(page: Page, url: str) -> Page:
    page.goto(url)
    page.fill("#id_prompt", PROMPT)
    page.click(".start-button")
    page.wait_for_selector("#spin")
    page.evaluate(WATCH)
    return page


def spin(page: Page, *, skip: bool) -> dict[str, float]:
    page.wait_for_timeout(1500)  # a student looks at the new wheel first
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


def report(title: str, spins: list[dict[str, float]]) -> None:
    print(f"{title}, {len(spins)} spins, ms: median / largest")
    for label, start, end in (
        ("click to first motion", "clicked", "moved"),
        ("landing to next wheel", "landed", "next"),
    ):
        waits = [times[end] - times[start] for times in spins]
        print(f"  {label:24} {statistics.median(waits):6.1f} / {max(waits):6.1f}")


if __name__ == "__main__":
    main()
