"""A whole lesson with the real SmolLM2 weights: a teacher projects the wall; thirty members, three
of them with pages, spin at the same time; then the teacher uses every control."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from playwright.sync_api import expect

from tests.e2e.class_member import ClassMember, in_threads, join_together, sessions_of
from tests.e2e.exact_wall import expect_exact_wall
from tests.e2e.lesson import create_teacher
from tests.pages.browser import spin
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

NUM_SPINS = 5
NUM_CLIENTS = 27
PAGES = (
    {"viewport": {"width": 360, "height": 740}},
    {"viewport": {"width": 1280, "height": 800}},
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
)
PAUSED = "Your teacher has paused the class"
HAND_TOKEN = " quantum"  # no story of the class comes to it by chance


@pytest.fixture(scope="module", autouse=True)
def teacher(server):
    create_teacher(server)


def test_a_lesson_of_thirty_members(server, open_lesson, record_property):
    lesson = open_lesson(server)
    wall, code = lesson.open_wall()
    pages = [lesson.open_member(code, **options) for options in PAGES]
    clients = join_together(server.url, code, NUM_CLIENTS)
    members = [page.member for page in pages] + clients
    expect(wall.page.locator(".join-number")).to_have_text("30")
    wheel = clients[0].wheel()
    expect_exact_wall(wall, wheel, members)

    clients[0].choose(HAND_TOKEN)
    spin_all(pages, clients)
    sessions = sessions_of(members)
    assert [s["generation_count"] for s in sessions] == [5, 5, 5, 6] + [5] * 26
    expect_exact_wall(wall, wheel, members)
    assert wall.read().num_draws == "29"

    freeze(wall, pages, clients, record_property)
    resume(wall, pages, clients)
    reset(wall, pages, members)
    expect_exact_wall(wall, wheel, members)
    spin_everyone(wall, pages, members)
    expect_exact_wall(wall, wheel, members)
    assert wall.read().num_draws == "30"
    hold(wall, members)
    hide(wall, clients[5])
    end(wall, pages, members, code)
    wall.assert_never_reloaded()


def spin_all(pages, clients):
    """Five times each, at the same time."""
    with ThreadPoolExecutor(len(clients)) as pool:
        at_work = [pool.submit(client.spin_times, NUM_SPINS) for client in clients]
        for _ in range(NUM_SPINS):
            for member in pages:
                spin(member.page)
        for client in at_work:
            client.result()
    for member in pages:
        member.expect_text_of_the_session()


def freeze(wall, pages, clients, record_property):
    """A spin that reaches the server afterwards is refused, and the pages say so by themselves."""
    frozen_at = time.monotonic()
    wall.freeze()
    answers = in_threads(ClassMember.refused_spin, clients)
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(409, "classroom_frozen")}
    assert {s["classroom"]["state"] for s in sessions_of(clients)} == {"frozen"}
    for member in pages:
        expect(member.page.locator("#spin")).to_be_disabled()
        expect(member.page.locator("#class-notice")).to_contain_text(PAUSED)
    record_property("seconds until all pages were frozen", time.monotonic() - frozen_at)
    assert all(s["generation_count"] in (5, 6) for s in sessions_of(clients))


def resume(wall, pages, clients):
    wall.resume()
    for member in pages:
        expect(member.page.locator("#spin")).to_be_enabled()
        expect(member.page.locator("#class-notice")).to_be_empty()
    clients[1].spin()


def reset(wall, pages, members):
    wall.reset()
    assert [s["token_history"] for s in sessions_of(members)] == [[]] * 30
    for member in pages:
        expect(member.page.locator("button.chip")).to_have_count(0)
        expect(member.page.locator("#spin")).to_be_enabled()


def spin_everyone(wall, pages, members):
    """Everyone has exactly one token more, and each page turns its wheel to it."""
    before = [member.page.evaluate("[landings.length, numAnimations]") for member in pages]
    wall.page.click("#spin-everyone")
    expect(wall.page.locator(".spin-progress")).to_have_text("Everyone has spun.")
    assert [len(s["token_history"]) for s in sessions_of(members)] == [1] * 30
    for member, (num_landings, num_animations) in zip(pages, before, strict=True):
        page = member.page
        page.wait_for_function("(num) => landings.length === num + 1", arg=num_landings)
        assert page.evaluate("numAnimations") > num_animations
        (drawn,) = member.member.session()["token_history"]
        landed = page.evaluate("landings.at(-1).receipt.tokenId")
        assert landed == str(drawn["token_id"])
        member.expect_text_of_the_session()


def hold(wall, members):
    """The snapshot stays as it was, while the stories go on."""
    held = members[2:5]
    names = [member.session()["pseudonym"] for member in held]
    wall.hold(names)
    texts = wall.held_texts()
    assert all(any(name in text for text in texts) for name in names)
    going_on = held[1]
    going_on.spin_times(2)
    newest = going_on.session()["token_history"][-1]["display_text"]
    card = wall.card(names[1])
    expect(card.locator(".card-facts")).to_contain_text("3 tokens")
    expect(card.locator(".newest-sign")).to_have_text(newest)
    assert wall.held_texts() == texts


def hide(wall, client):
    """Its words leave the page, also the tree and the pooled wheel."""
    client.choose(HAND_TOKEN)
    client.choose(HAND_TOKEN)
    session = client.session()
    expect(wall.card(session["pseudonym"])).to_contain_text("quantum")
    wall.hide(session["pseudonym"])
    wait_until(lambda: "quantum" not in wall.page.content())
    assert "quantum" not in wall.page.request.get(wall.page.url).text()


def end(wall, pages, members, code):
    wall.end()
    api = requests.post(f"{members[0].url}/api/classrooms/{code}/sessions", timeout=60)
    assert (api.status_code, api.json()["code"]) == (404, "classroom_not_found")
    assert requests.get(f"{members[0].url}/api/classrooms/{code}", timeout=60).status_code == 404
    assert requests.get(f"{members[0].url}/join?code={code}", timeout=60).status_code == 404
    for member in pages:
        expect(member.page.locator("#class-notice")).to_contain_text("This class is over")
        expect(member.page.locator("#spin")).to_be_disabled()
    answers = in_threads(ClassMember.refused_spin, members)
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(409, "classroom_closed")}
