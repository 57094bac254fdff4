"""Behaviour of the knobs in Chromium: the wheel moves with them, in view, and numbers are typed."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

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
    """Focus a knob, and wait for the answer of the look-ahead."""
    with page.expect_response("**/knob-steps?*"):
        page.focus(f"#knob-{name}-slider")
    page.wait_for_timeout(50)


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


def hold_wheel(page):
    """Keep the answers to the knobs' form back, so that the page shows only what it draws itself."""
    page.route(
        lambda url: "/wheel/" in url and "threshold=" in url and "knob-steps" not in url,
        lambda route: None,
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [("temperature", [0.4, 1.7, 3]), ("top_k", [5, 1, 30]), ("threshold", [0.05, 0.002])],
)
def test_the_segments_move_with_a_slider_to_where_the_server_puts_them(open_wheel, name, values):
    page = open_wheel(query=OPENED)
    hold_wheel(page)
    touch(page, name)
    for value in values:
        set_slider(page, name, value)
        page.wait_for_timeout(250)
        drawn = page.evaluate(DRAWN)
        true = api_segments(page.session_id, **{name: value})
        assert [token_id for token_id, _ in drawn] == [token_id for token_id, _ in true]
        assert [end for _, end in drawn] == pytest.approx([end for _, end in true], abs=1e-5)
