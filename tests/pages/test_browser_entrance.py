"""The entrance of a wheel in Chromium: nothing fades or shrinks after it."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Records, for each frame, the smallest opacity and the smallest scale of the newest wheel.
RECORD_FRAMES = """() => {
  window.frames = [];
  function scaleOf(style) {
    const { a, b } = new DOMMatrix(style.transform);
    return Math.hypot(a, b) * (style.scale === "none" ? 1 : Number(style.scale));
  }
  function record() {
    const disc = document.querySelector("[data-disc]");
    if (disc) {
      const style = getComputedStyle(disc);
      frames.push({ disc: discs(disc), opacity: Number(style.opacity), scale: scaleOf(style) });
    }
    requestAnimationFrame(record);
  }
  const known = [];
  const discs = (disc) => (known.includes(disc) ? known : (known.push(disc), known)).indexOf(disc);
  record();
}"""


def frames_by_disc(page):
    frames = page.evaluate("frames")
    nums = sorted({frame["disc"] for frame in frames})
    return [[frame for frame in frames if frame["disc"] == num] for num in nums]


def never_falls(values):
    return all(later >= earlier - 1e-3 for earlier, later in pairwise(values))


def check_entrances(page):
    """Each wheel grows to its full size once, and none fades."""
    for frames in frames_by_disc(page):
        assert never_falls([frame["opacity"] for frame in frames])
        assert never_falls([frame["scale"] for frame in frames])
    assert frames[-1]["opacity"] == 1
    assert frames[-1]["scale"] == pytest.approx(1, abs=1e-3)


def test_the_next_wheel_grows_once_after_a_landing_and_never_fades(open_wheel):
    page = open_wheel()
    page.evaluate(RECORD_FRAMES)
    for _ in range(2):
        spin(page)
        page.wait_for_timeout(1800)  # longer than any entrance
    assert {frame["opacity"] for frame in page.evaluate("frames")} == {1}
    assert len(frames_by_disc(page)) >= 3
    check_entrances(page)


def test_no_wheel_fades_while_a_knob_is_turned(open_wheel):
    page = open_wheel()
    page.click("#knobs > summary")
    page.evaluate(RECORD_FRAMES)
    for value in ("0.5", "1.5"):
        page.fill("#knob-temperature", value)
        expect(page.locator(f"#spin-form [name=temperature][value='{value}']")).to_be_attached()
        page.wait_for_timeout(500)
    check_entrances(page)


@pytest.mark.parametrize("action", ["#undo", "#open-other", "#tokens-panel button"])
def test_no_wheel_fades_after_a_click(open_wheel, action):
    page = open_wheel(reduced_motion="reduce")
    spin(page)
    page.evaluate(RECORD_FRAMES)
    page.locator(action).first.click()
    page.wait_for_timeout(1300)  # until the wheel of the spin has gone, too
    check_entrances(page)
