"""`kill -9` of the whole server in the middle of a lesson. The wall that is open in Chromium goes
on by itself, and every member has exactly the tokens that it spun."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from playwright.sync_api import expect

from tests.e2e.class_member import join_together, sessions_of
from tests.e2e.exact_wall import expect_exact_wall
from tests.e2e.lesson import create_teacher
from tests.waiting import HANGING_S, wait_until

pytestmark = pytest.mark.slow

NUM_MEMBERS = 30
MAX_ROUNDS = 8


@pytest.fixture(scope="module")
def server(prepared_folder, remote_model, tmp_path_factory):
    with prepared_folder.running_server(
        tmp_path_factory.mktemp("lesson"), **remote_model
    ) as server:
        create_teacher(server)
        yield server


@pytest.fixture
def school_class(server, open_lesson):
    """The wall, the members, and the wheel at the prompt."""
    wall, code = open_lesson(server).open_wall()
    members = join_together(server.url, code, NUM_MEMBERS)
    expect(wall.page.locator(".join-number")).to_have_text(str(NUM_MEMBERS))
    return wall, members, members[0].wheel()


class Gates:
    """The third spins of all members begin at once, and the fifth ones after the kill."""

    def __init__(self):
        self.third = Event()
        self.fifth = Event()

    def spin(self, member):
        member.spin_times(2)
        assert self.third.wait(HANGING_S)
        member.spin_times(2)
        assert self.fifth.wait(HANGING_S)
        member.spin()


def test_no_spin_is_lost_or_doubled_and_the_wall_goes_on_when_the_server_is_killed(
    server, school_class
):
    wall, members, wheel = school_class
    gates = Gates()

    def num_spun():
        return sum(member.num_spun for member in members)

    with ThreadPoolExecutor(NUM_MEMBERS) as pool:
        at_work = [pool.submit(gates.spin, member) for member in members]
        try:
            wait_until(lambda: num_spun() == 2 * NUM_MEMBERS)
            gates.third.set()
            wait_until(lambda: num_spun() > 2 * NUM_MEMBERS)
            server.kill()
        finally:
            gates.third.set()
            gates.fifth.set()
        server.start()
        for spinning in at_work:
            spinning.result()
    assert all(member.answers["ConnectionError"] for member in members)
    assert [len(session["token_history"]) for session in sessions_of(members)] == [5] * NUM_MEMBERS
    expect_exact_wall(wall, wheel, members)
    expect(wall.page.locator("#connection")).to_be_empty()
    wall.assert_never_reloaded()


def test_a_common_spin_that_a_kill_has_ended_is_finished_in_the_same_round(server, school_class):
    wall, members, wheel = school_class
    round_number = kill_in_a_round(server, wall, members)
    expect(wall.page.locator(".spin-progress")).to_contain_text("of 30")
    wall.page.click("#finish-spin")
    expect(wall.page.locator(".spin-progress")).to_have_text("Everyone has spun.")
    assert num_tokens(members) == [round_number] * NUM_MEMBERS
    expect_exact_wall(wall, wheel, members)
    wall.page.click("#spin-everyone")
    wait_until(lambda: num_tokens(members) == [round_number + 1] * NUM_MEMBERS, poll_s=0.2)
    wall.assert_never_reloaded()


def kill_in_a_round(server, wall, members):
    """Let everyone spin, until a kill comes when some members have spun and others have not.
    Returns the number of that round."""
    for round_number in range(1, MAX_ROUNDS + 1):
        wall.page.click("#spin-everyone")
        wait_until(lambda: len(members[0].session()["token_history"]) == round_number)  # noqa: B023
        server.kill()
        server.start()
        counts = num_tokens(members)
        assert set(counts) <= {round_number - 1, round_number}
        if len(set(counts)) == 2:
            return round_number
        expect(wall.page.locator("#connection")).to_be_empty()
    raise AssertionError("each round was over before the kill")


def num_tokens(members):
    return [len(session["token_history"]) for session in sessions_of(members)]
