"""Motion of a spin in Chromium, read from the keyframes and times of its animations."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history
from wheel.services import states

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LARGEST_U = 0.9999999999999999

# Records the animations of every wheel, in the order in which they begin.
RECORD_MOTIONS = """
    () => {
      const animate = Element.prototype.animate;
      window.motions = [];
      Element.prototype.animate = function (frames, options) {
        const { duration, delay = 0 } = options;
        const transforms = frames.map(({ transform }) => transform);
        if (this.matches("[data-disc]")) window.motions.push({ transforms, duration, delay });
        return animate.call(this, frames, options);
      };
    }
"""


def watch(page):
    page.evaluate(RECORD_MOTIONS)
    spin(page)
    return page.evaluate("motions")


def angles(motion):
    turned = (re.fullmatch(r"rotate\((\S+)deg\)", text) for text in motion["transforms"])
    return [float(match[1]) for match in turned if match]


def is_turn(motion):
    return len(motion["transforms"]) > 2 and motion["transforms"][0].startswith("rotate")


def speeds(motion):
    """Degrees a second between the keyframes."""
    seconds = motion["duration"] / 1000 / (len(motion["transforms"]) - 1)
    return [(later - earlier) / seconds for earlier, later in pairwise(angles(motion))]


def last(values, motion, seconds):
    """The values of the last seconds."""
    return values[-round(len(values) * seconds / (motion["duration"] / 1000)) :]


@pytest.fixture
def whole_turn(open_wheel):
    page = open_wheel()
    motion = watch(page)[0]
    (chosen,) = history(page.session_id)
    return motion, chosen


def test_a_spin_takes_two_and_a_half_seconds_and_ends_at_the_angle_of_the_receipt(whole_turn):
    motion, chosen = whole_turn
    assert 2000 <= motion["duration"] <= 2600
    assert angles(motion)[-1] % 360 == pytest.approx(360 - chosen.u * 360, abs=1e-9)
    assert angles(motion)[0] == 0


def test_a_spin_winds_up_and_is_never_too_fast_to_follow(whole_turn):
    motion, _ = whole_turn
    assert -20 < min(angles(motion)) < -5
    assert 720 < max(speeds(motion)) < 4 * 360


def test_after_the_push_a_spin_slows_down_steadily_until_it_stands_still(whole_turn):
    motion, _ = whole_turn
    slowing = last(speeds(motion), motion, 1.7)
    losses = [earlier - later for earlier, later in pairwise(slowing)]
    assert min(losses) == pytest.approx(max(losses), rel=1e-3)
    assert slowing[-1] == pytest.approx(min(losses) / 2, rel=1e-3)


def test_the_last_half_second_of_a_spin_can_be_read_and_does_not_crawl(whole_turn):
    motion, _ = whole_turn
    assert max(last(speeds(motion), motion, 0.5)) < 360
    assert sum(last(speeds(motion), motion, 0.5)) * 0.024 > 30
    assert sum(last(speeds(motion), motion, 0.8)) * 0.024 > 90


def test_the_wheel_rests_on_the_token_before_the_next_one_arrives(open_wheel):
    motions = watch(open_wheel())
    assert [motion["duration"] for motion in motions if not motion["transforms"]] == [450]


def test_the_deepest_landing_takes_five_seconds(open_wheel, monkeypatch):
    monkeypatch.setattr(states, "draw_u", lambda **_: LARGEST_U)
    page = open_wheel(query="?temperature=2&threshold=1")
    motions = watch(page)
    turns = [motion for motion in motions if is_turn(motion)]
    assert len(turns) == 3
    growths = [motion for motion in motions if "scale" in (motion["transforms"] or [""])[0]]
    opened, zoomed = growths[:2], growths[2:-1]  # the last one is the next wheel's arrival
    assert zoomed
    total = sum(motion["duration"] for motion in (*turns, *opened))
    assert total + max(motion["delay"] + motion["duration"] for motion in zoomed) <= 5001


def test_a_zoom_ends_on_the_wheel_on_which_the_token_has_a_segment(open_wheel, monkeypatch):
    monkeypatch.setattr(states, "draw_u", lambda **_: LARGEST_U)
    page = open_wheel(query="?temperature=2&threshold=1")
    under = spin(page)[
        "under"
    ]  # at the very end of the circle, so the first token may be there too
    token_id = history(page.session_id)[0].token_id
    assert token_id in [int(segment["tokenId"]) for segment in under]
    assert len(under) <= 2


def test_while_the_wheel_turns_its_button_says_that_a_tap_skips(open_wheel):
    page = open_wheel()
    expect(page.locator(".skip-word")).to_be_hidden()
    page.click("#spin")
    expect(page.locator(".skip-word")).to_be_visible()
    page.click("#spin", click_count=1)  # not the second click of a double click
    page.wait_for_function("landings.length === 1")
    expect(page.locator(".skip-word")).to_be_hidden()
    expect(page.locator("button.chip")).to_have_count(1)
    assert len(history(page.session_id)) == 1
