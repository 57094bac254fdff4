"""The entrance of a wheel in Chromium: nothing fades or shrinks after it."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Records, for each frame, the opacity (times that of its ancestors) and the scale of the newest
# wheel.
RECORD_FRAMES = """() => {
  window.frames = [];
  function scaleOf(style) {
    const { a, b } = new DOMMatrix(style.transform);
    return Math.hypot(a, b) * (style.scale === "none" ? 1 : Number(style.scale));
  }
  const opacityOf = (element) =>
    element ? Number(getComputedStyle(element).opacity) * opacityOf(element.parentElement) : 1;
  function record() {
    const disc = document.querySelector("[data-disc]");
    if (disc) {
      const style = getComputedStyle(disc);
      frames.push({ disc: discs(disc), opacity: opacityOf(disc), scale: scaleOf(style) });
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


def wait_for_entrance(page):
    """Wait until the newest wheel stands alone and still, and a frame shows it so."""
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    page.wait_for_function(
        """() => {
          const disc = document.querySelector("[data-disc]");
          return !document.querySelector(".disc-before") && disc.getAnimations().length === 0;
        }"""
    )
    num_frames = page.evaluate("frames.length")
    page.wait_for_function("(num) => frames.length > num + 1", arg=num_frames)


def check_entrances(page):
    """Each wheel grows to its full size once, and none fades."""
    by_disc = frames_by_disc(page)
    assert by_disc, "no frames were recorded"
    for frames in by_disc:
        assert {frame["opacity"] for frame in frames} == {1}
        assert never_falls([frame["scale"] for frame in frames])
    assert frames[-1]["scale"] == pytest.approx(1, abs=1e-3)


def test_the_next_wheel_grows_once_after_a_landing_and_never_fades(open_wheel):
    page = open_wheel()
    page.evaluate(RECORD_FRAMES)
    for _ in range(2):
        spin(page)
        wait_for_entrance(page)
    assert len(frames_by_disc(page)) >= 3
    check_entrances(page)


def test_no_wheel_fades_while_a_knob_is_turned(open_wheel):
    page = open_wheel()
    page.click("#knobs > summary")
    page.evaluate(RECORD_FRAMES)
    for value in ("0.5", "1.5"):
        page.fill("#knob-temperature", value)
        expect(page.locator(f"#spin-form [name=temperature][value='{value}']")).to_be_attached()
        wait_for_entrance(page)
    check_entrances(page)


@pytest.mark.parametrize("action", ["#undo", "#open-other", "#tokens-panel button"])
def test_no_wheel_fades_after_a_click(open_wheel, action):
    page = open_wheel()
    spin(page)
    page.evaluate(RECORD_FRAMES)
    wait_for_entrance(page)
    with page.expect_response("**/wheel/**"):
        page.locator(action).first.click()
    wait_for_entrance(page)
    check_entrances(page)
