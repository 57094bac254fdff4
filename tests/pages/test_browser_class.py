"""The page of a class's member in Chromium: it follows what the teacher does, by itself."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin, wait_until
from tests.pages.classes import close, freeze, join, make_classroom, resume, spin_everyone
from tests.pages.conftest import history
from wheel import services
from wheel.models import Classroom
from wheel.services import classrooms

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PAUSED = "Your teacher has paused the class"

# All sentences that screen readers have heard, in order.
NOTE_ANNOUNCEMENTS = """() => {
  window.announced = [];
  new MutationObserver((changes) => {
    for (const { target } of changes)
      if (target.textContent) announced.push(target.textContent);
  }).observe(document.getElementById("announcer"), { childList: true, subtree: true });
}"""


@pytest.fixture
def classroom(wheel_runtime):
    return make_classroom()


@pytest.fixture
def open_member(open_wheel, classroom):
    """Opens the page of a new member, without motion unless asked for."""

    def open_member(**options):
        page = open_wheel(**{"session_id": join(classroom), "reduced_motion": "reduce"} | options)
        if options.get("java_script_enabled", True):
            page.evaluate(NOTE_ANNOUNCEMENTS)
        return page

    return open_member


def notice(page):
    return page.locator("#class-notice")


def tokens_on(page):
    """The ids of the chosen tokens on the page, and the number of tokens of the prompt."""
    chosen = page.locator("button.chip").all()
    return (
        [int(chip.get_attribute("data-token-id")) for chip in chosen],
        page.locator(".chip-prompt").count(),
    )


def expect_text(page):
    """The text on the page becomes the one in the store."""
    session = services.get_session(session_id=page.session_id).session
    expect(page.locator("[data-chips] .chip")).to_have_count(session.num_tokens)
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    chosen_ids = [chosen.token_id for chosen in session.history]
    assert tokens_on(page) == (chosen_ids, len(session.prompt_token_ids))


def heard(page, words):
    return [text for text in page.evaluate("announced") if words in text]


def test_the_page_after_joining_says_the_class_the_question_and_the_pseudonym(
    open_wheel, live_server, classroom
):
    page = open_wheel()
    page.goto(f"{live_server.url}/join?code={classroom.code[:3]}-{classroom.code[3:]}")
    expect(page.locator("h1")).to_have_text(classroom.title)
    page.click(".join-button")
    page.wait_for_url("**/wheel/*")
    pseudonym = classroom.members.get().pseudonym
    card = page.locator("#class-card")
    for words in (classroom.title, classroom.question, f"You are {pseudonym}"):
        expect(card).to_contain_text(words)
    page.click("#menu > summary")
    expect(page.locator(".menu-class")).to_contain_text(pseudonym)


def test_the_guided_start_waits_in_the_menu_since_the_teacher_guides(open_member):
    page = open_member(is_first_visit=True)
    expect(page.locator("#class-card")).to_be_visible()
    page.wait_for_function("document.querySelector('[data-guide-begin]').hidden === false")
    expect(page.locator("#guide")).to_be_hidden()
    page.click("#menu > summary")
    page.click("[data-guide-begin]")
    expect(page.locator("#guide")).to_be_visible()


def test_a_freeze_arrives_by_itself_and_only_looking_stays_possible(open_member, classroom):
    page = open_member()
    spin(page)
    freeze(classroom)
    expect(notice(page)).to_contain_text(PAUSED)
    for button in ("#spin", "#undo", "#choose-1", "#new-text-panel button"):
        expect(page.locator(button)).to_be_disabled()
    expect(page.locator("#spin .spin-word")).to_be_hidden()
    expect(page.locator(".paused-word")).to_have_text("Paused")
    page.click("#chip-0")
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    expect(page.locator("#spin")).to_be_disabled()
    page.click("#knobs > summary")
    page.fill("#knob-temperature", "0.5")
    expect(page.locator("[data-disc] .ring").first).to_be_attached()
    page.focus("[data-disc]")
    page.keyboard.press("Home")
    expect(page.locator("[data-peek-panel]")).to_be_visible()
    expect(page.locator("#peek-choose")).to_be_disabled()
    assert len(history(page.session_id)) == 1


def test_the_class_goes_on_by_itself(open_member, classroom):
    page = open_member()
    page.focus("#spin")
    freeze(classroom)
    expect(page.locator("#spin")).to_be_disabled()
    resume(classroom)
    expect(page.locator("#spin")).to_be_enabled()
    expect(notice(page)).to_be_empty()
    expect(page.locator("#spin")).to_be_focused()
    expect(page.locator("#undo")).to_be_disabled()
    spin(page)
    assert len(history(page.session_id)) == 1


def test_a_page_that_is_loaded_while_frozen_works_again_by_itself(open_member, classroom):
    freeze(classroom)
    page = open_member()
    expect(notice(page)).to_contain_text(PAUSED)
    expect(page.locator("#spin")).to_be_disabled()
    resume(classroom)
    expect(page.locator("#spin")).to_be_enabled()
    spin(page)


def test_a_freeze_is_announced_once_and_steals_no_focus(open_member, classroom):
    page = open_member()
    page.click("#find-panel > summary")
    page.focus("#find-text")
    freeze(classroom)
    expect(notice(page)).to_contain_text(PAUSED)
    page.wait_for_timeout(6000)  # two more answers about the class
    expect(page.locator("#find-text")).to_be_focused()
    assert len(heard(page, PAUSED)) == 1
    resume(classroom)
    expect(page.locator("#spin")).to_be_enabled()
    assert len(heard(page, "You can go on")) == 1


def test_a_spin_that_comes_too_late_shows_the_notice_and_no_error(open_member, classroom):
    page = open_member()
    page.route("**/class", lambda route: route.abort())
    freeze(classroom)
    page.click("#spin")
    expect(notice(page)).to_contain_text(PAUSED)
    expect(page.locator("#problem")).to_be_empty()
    expect(page.locator("#spin")).to_be_disabled()
    assert len(heard(page, PAUSED)) == 1
    assert history(page.session_id) == ()
    page.unroute("**/class")
    resume(classroom)
    expect(page.locator("#spin")).to_be_enabled()
    spin(page)


def test_the_end_of_the_class_leaves_the_text_to_look_at_and_to_export(open_member, classroom):
    page = open_member()
    spin(page)
    close(classroom)
    expect(notice(page)).to_contain_text("This class is over")
    expect(page.locator("#spin")).to_be_disabled()
    page.click("#menu > summary")
    with page.expect_download() as download:
        page.click("text=Export as CSV")
    assert download.value.suggested_filename.endswith(".csv")


def test_a_reset_arrives_by_itself(open_member, classroom):
    page = open_member()
    spin(page)
    spin(page)
    page.focus("#spin")
    classrooms.reset_all(classroom)
    expect(page.locator("button.chip")).to_have_count(0)
    expect_text(page)
    expect(page.locator("#spin")).to_be_focused()
    assert len(heard(page, "Your text has changed")) == 1
    spin(page)
    assert len(history(page.session_id)) == 1


def test_a_new_prompt_arrives_by_itself_in_a_frozen_class_too(open_member, classroom):
    page = open_member()
    freeze(classroom)
    expect(page.locator("#spin")).to_be_disabled()
    classrooms.set_prompt_for_all(classroom, "The dog and the cat")
    expect(page.locator("[data-chips]")).to_contain_text("dog")
    expect(page.locator("#spin")).to_be_disabled()
    expect_text(page)
    assert page.input_value("#id_prompt") == "The dog and the cat"


def test_a_common_spin_turns_the_wheel_and_lands_on_the_token(open_member, classroom):
    page = open_member(reduced_motion="no-preference")
    num_animations = page.evaluate("numAnimations")
    spin_everyone(classroom)
    page.wait_for_function("landings.length === 1")
    assert page.evaluate("numAnimations") > num_animations
    landing = page.evaluate("landings[0]")
    (drawn,) = history(page.session_id)
    assert landing["receipt"]["tokenId"] == str(drawn.token_id)
    assert str(drawn.token_id) in [under.get("tokenId") for under in landing["under"]] or (
        not drawn.is_above
    )
    expect_text(page)
    assert len(heard(page, "Everyone spins: ")) == 1
    spin(page)
    expect_text(page)


def test_a_common_spin_lands_while_a_part_of_the_wheel_is_open(open_member, classroom):
    page = open_member()
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    spin_everyone(classroom)
    page.wait_for_function("landings.length === 1")
    expect_text(page)
    expect(page.locator(".trail")).to_have_count(0)


def test_two_common_spins_between_two_answers_end_in_the_right_text(open_member, classroom):
    page = open_member()
    page.route("**/class", lambda route: route.abort())
    spin_everyone(classroom)
    spin_everyone(classroom)
    page.unroute("**/class")
    expect_text(page)


def test_a_common_spin_during_a_spin_of_ones_own_waits_for_it(open_member, classroom):
    page = open_member(reduced_motion="no-preference")
    page.click("#spin")
    page.wait_for_selector("#stage[data-busy]", state="attached")
    wait_until(page, "document.querySelector('[data-skippable]') !== null")
    spin_everyone(classroom)
    expect(page.locator("button.chip")).to_have_count(2)
    expect_text(page)
    assert len(history(page.session_id)) == 2


def test_a_spin_of_ones_own_that_a_common_spin_overtakes_ends_in_the_right_text(
    open_member, classroom
):
    page = open_member()
    page.route("**/class", lambda route: route.abort())
    spin_everyone(classroom)
    page.click("#spin")
    expect(page.locator("#problem")).to_contain_text("moved on")
    expect_text(page)
    assert len(history(page.session_id)) == 1


def test_what_is_being_typed_is_not_taken_away(open_member, classroom):
    page = open_member()
    page.click("#new-text-panel > summary")
    page.fill("#id_prompt", "")
    page.focus("#id_prompt")
    page.keyboard.type("A story of")
    classrooms.set_prompt_for_all(classroom, "The dog")
    for letter in " my own, that takes some time to write":
        page.keyboard.type(letter)
        page.wait_for_timeout(150)
    expect(page.locator("[data-chips]")).not_to_contain_text("dog")
    expect(page.locator("[data-chips]")).to_contain_text("dog")
    expect(page.locator("#id_prompt")).to_be_focused()
    assert page.input_value("#id_prompt").startswith("A story of my own")


def test_an_open_menu_is_waited_for(open_member, classroom):
    page = open_member()
    page.click("#menu > summary")
    with page.expect_response("**/class"):
        spin_everyone(classroom)
    page.wait_for_timeout(3000)
    expect(page.locator("button.chip")).to_have_count(0)
    page.keyboard.press("Escape")
    expect_text(page)
    assert len(history(page.session_id)) == 1


def test_a_held_finger_is_waited_for(open_member, classroom):
    page = open_member()
    page.mouse.move(5, 5)
    page.mouse.down()
    spin_everyone(classroom)
    page.wait_for_timeout(3000)
    expect(page.locator("button.chip")).to_have_count(0)
    page.mouse.up()
    expect_text(page)
    assert len(history(page.session_id)) == 1


def test_locks_arrive_by_themselves_and_go_again(open_member, classroom):
    page = open_member()
    page.click("#knobs > summary")
    expect(page.locator("#knob-temperature-slider")).to_be_visible()
    Classroom.objects.update(locked=["temperature", "prompt"], temperature=0.5, title="4c")
    expect(page.locator("#knob-temperature")).to_have_attribute("readonly", "")
    expect(page.locator("#knob-temperature")).to_have_value("0.5")
    expect(page.locator("#knob-temperature-lock")).to_contain_text("Your teacher has set this")
    expect(page.locator("#knob-temperature-slider")).to_have_count(0)
    expect(page.locator("#id_prompt")).to_have_attribute("readonly", "")
    expect(page.locator(".class-title")).to_have_text("4c")
    page.fill("#knob-top_k", "3")
    expect(page.locator("#tokens-panel tbody").first.locator("tr")).to_have_count(3)
    spin(page)
    (drawn,) = history(page.session_id)
    assert (drawn.settings.temperature, drawn.settings.top_k) == (0.5, 3)
    Classroom.objects.update(locked=[])
    expect(page.locator("#knob-temperature-slider")).to_be_visible()
    expect(page.locator("#prompt-form button")).to_be_enabled()


@pytest.mark.parametrize("press", ["#spin", "#choose-1"])
def test_an_old_page_with_another_value_is_refused_and_shows_that_of_the_class(
    open_member, classroom, press
):
    page = open_member()
    page.route("**/class", lambda route: route.abort())
    Classroom.objects.update(locked=["top_k"], top_k=2)
    page.click(press)
    expect(page.locator("#problem")).to_contain_text("Your teacher has set Top-k")
    expect(page.locator("#knob-top_k")).to_have_attribute("readonly", "")
    expect(page.locator("#tokens-panel tbody").first.locator("tr")).to_have_count(2)
    assert history(page.session_id) == ()
    page.click(press)
    expect(page.locator("button.chip")).to_have_count(1)
    expect_text(page)
    assert [drawn.settings.top_k for drawn in history(page.session_id)] == [2]


def test_a_knob_of_an_old_page_is_refused_and_becomes_that_of_the_class(open_member, classroom):
    page = open_member()
    page.route("**/class", lambda route: route.abort())
    Classroom.objects.update(locked=["top_k"], top_k=2)
    page.click("#knobs > summary")
    page.fill("#knob-top_k", "7")
    expect(page.locator("#problem")).to_contain_text("Your teacher has set Top-k")
    expect(page.locator("#knob-top_k")).to_have_value("2")
    expect(page.locator("#knob-top_k")).to_have_attribute("readonly", "")
    expect(page.locator("#tokens-panel tbody").first.locator("tr")).to_have_count(2)
    spin(page)


def test_the_reset_of_the_knobs_leaves_those_of_the_class(open_member, classroom):
    Classroom.objects.update(locked=["top_k"], top_k=2)
    classroom.refresh_from_db()
    page = open_member(session_id=join(classroom))
    expect(page.locator("#knobs-reset a")).to_have_count(0)
    page.click("#knobs > summary")
    page.fill("#knob-temperature", "2")
    page.click("#knobs-reset a")
    expect(page.locator("#knob-temperature")).to_have_value("1")
    expect(page.locator("#knob-top_k")).to_have_value("2")
    expect(page.locator("#problem")).to_be_empty()


def test_a_hidden_tab_does_not_ask_and_asks_at_once_when_it_is_back(open_member, classroom):
    page = open_member()
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden !== "", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(hide, "hidden")
    page.wait_for_timeout(1000)  # for a request that was on its way
    asked.clear()
    page.wait_for_timeout(6000)
    assert asked == []
    freeze(classroom)
    page.evaluate(hide, "")
    expect(notice(page)).to_contain_text(PAUSED)


def test_a_server_that_does_not_answer_is_asked_less_and_less_often(open_member, classroom):
    page = open_member()
    times: list[float] = []

    def refuse_twice(route):
        times.append(page.evaluate("performance.now()"))
        if len(times) <= 2:
            route.fulfill(status=503)
        else:
            route.continue_()

    page.route("**/class", refuse_twice)
    freeze(classroom)
    expect(notice(page)).to_contain_text(PAUSED)
    assert times[2] - times[1] > 1.5 * 2500
    expect(page.locator("#problem")).to_be_empty()


def test_without_javascript_the_server_shows_the_same(open_member, classroom):
    page = open_member(java_script_enabled=False)
    page.click("#spin")
    expect(page.locator("button.chip")).to_have_count(1)
    freeze(classroom)
    page.click("#spin")
    expect(notice(page)).to_contain_text(PAUSED)
    expect(page.locator("#problem")).to_be_empty()
    for button in ("#spin", "#undo", "#choose-1"):
        expect(page.locator(button)).to_be_disabled()
    page.click("#chip-0")
    expect(notice(page)).to_contain_text(PAUSED)
    page.click("#open-other")
    expect(page.locator(".trail")).to_be_visible()
    expect(page.locator("#spin")).to_be_disabled()
    assert len(history(page.session_id)) == 1


@pytest.mark.parametrize("width", [320, 360, 844, 1280])
def test_a_long_title_and_the_notice_fit_into_the_page(open_member, classroom, width):
    Classroom.objects.update(title="Donaudampfschifffahrt" * 4 + " 4b", question="Why? " * 40)
    classroom.refresh_from_db()
    freeze(classroom)
    height = 390 if width == 844 else 740
    page = open_member(session_id=join(classroom), viewport={"width": width, "height": height})
    expect(notice(page)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = notice(page).bounding_box()
    spin_box = page.locator("#spin").bounding_box()
    assert box["y"] + box["height"] <= spin_box["y"] or box["y"] >= spin_box["y"]


def test_a_member_who_leaves_vanishes_from_the_class(open_member, classroom):
    page = open_member()
    page.click("#menu > summary")
    page.click("text=Leave the class and delete my text")
    page.click("text=Leave and delete")
    expect(page.locator(".notice")).to_have_text("Your session is deleted.")
    assert not classroom.members.exists()


def test_a_browser_that_joins_again_is_offered_its_own_wheel(open_wheel, live_server, classroom):
    page = open_wheel()
    address = f"{live_server.url}/join?code={classroom.code}"
    page.goto(address)
    page.click(".join-button")
    page.wait_for_url("**/wheel/*")
    own = page.url
    page.goto(address)
    page.click(".join-button")
    page.wait_for_url(own)
    page.goto(address)
    page.click("text=Not you?")
    page.wait_for_url("**/wheel/*")
    assert page.url != own
    assert classroom.members.count() == 2
