"""The parts of the wall that belong to one lesson, in Chromium: on a projector and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import keep_screenshot
from tests.pages.test_axe import serious_findings
from tests.pages.wall.test_browser_wall import SIZES, fits
from tests.pages.wall.world import join
from wheel import services
from wheel.models import Classroom, Luck
from wheel.services import classrooms

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ON_BOTH = pytest.mark.parametrize("size", ["projector", "phone"])


def guess(member, token_id):
    session_id = str(member.session_id)
    rev = services.get_session(session_id=session_id).session.rev
    services.guess(session_id=session_id, token_id=token_id, rev=rev)


def assert_is_sound(page, name):
    assert fits(page)
    assert serious_findings(page) == []
    keep_screenshot(page, name)


@ON_BOTH
def test_the_guesses_appear_when_the_last_student_has_guessed(open_wall, classroom, size):
    Classroom.objects.update(lesson="guess-first", luck=Luck.SHARED)
    members = [join(classroom) for _ in range(6)]
    for member, token_id in zip(members[:5], (70, 70, 70, 80, 81), strict=True):
        guess(member, token_id)
    page = open_wall("?join=line", viewport=SIZES[size], reduced_motion="reduce")
    expect(page.locator(".guess-progress")).to_have_text("5 have guessed · 1 has not yet")
    expect(page.locator(".guess-cover")).to_be_visible()
    expect(page.locator("#pooled")).to_have_count(0)
    assert_is_sound(page, f"wall-guesses-covered-{size}")
    guess(members[5], 82)
    expect(page.locator(".guess-table tbody tr")).to_have_count(7)
    expect(page.locator("#announcer")).to_contain_text("The guesses are on show.")
    expect(page.locator("#pooled")).to_be_visible()
    assert_is_sound(page, f"wall-guesses-{size}")
    page.focus("#next-guesses")
    page.keyboard.press("Enter")
    expect(page.locator("#guesses-title")).to_contain_text("Round 2 of 10")
    expect(page.locator("#show-guesses")).to_be_visible()


@ON_BOTH
def test_the_sum_of_all_spins_grows_by_itself(open_wall, classroom, size):
    Classroom.objects.update(lesson="many-spins")
    members = [join(classroom) for _ in range(5)]
    page = open_wall("?join=line", viewport=SIZES[size], reduced_motion="reduce")
    number = page.locator("#spins .pooled-count")
    expect(number).to_have_text("0")
    for seed, member in enumerate(members[:4]):
        services.simulate(session_id=str(member.session_id), num_spins=1000, seed=seed)
    expect(number).to_have_text("4,000")
    expect(page.locator("#spins .guess-progress")).to_have_text("4 have spun · 1 has not yet")
    assert_is_sound(page, f"wall-spins-{size}")


@ON_BOTH
def test_the_two_halves_are_beside_each_other_if_there_is_room(open_wall, classroom, size):
    Classroom.objects.update(lesson="one-word-changed", other_prompt="The dog sat")
    for _ in range(8):
        join(classroom)
    classrooms.spin_everyone(classroom, 1)
    page = open_wall("?join=line", viewport=SIZES[size], reduced_motion="reduce")
    discs = page.locator(".half .pooled-disc")
    expect(discs).to_have_count(2)
    first, second = discs.nth(0).bounding_box(), discs.nth(1).bounding_box()
    if size == "phone":
        assert second["y"] > first["y"] + first["height"]
    else:
        assert abs(second["y"] - first["y"]) < 1
        assert second["x"] > first["x"] + first["width"] - 1
    assert_is_sound(page, f"wall-halves-{size}")
    page.click("#tree-half-2")
    expect(page.locator("#tree-half-2")).to_have_attribute("aria-current", "true")
    expect(page.locator("#tree")).to_contain_text("4 stories begin with another text")
