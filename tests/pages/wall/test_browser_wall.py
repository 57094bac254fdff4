"""The wall in Chromium: it follows the class by itself, and leaves alone what the teacher does."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import keep_screenshot
from tests.pages.test_axe import EVERY_WAY, WAYS, serious_findings
from tests.pages.wall.world import join, tell
from wheel.models import Classroom, ClassState
from wheel.services import classrooms

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SIZES = {
    "projector": {"width": 1920, "height": 1080},
    "old projector": {"width": 1024, "height": 768},
    "phone": {"width": 360, "height": 740},
}
EVERY_SIZE = pytest.mark.parametrize("size", SIZES)

# The pairs of controls at the bottom edge that cover one another.
COVERED_CONTROLS = """() => {
  const boxes = [...document.querySelectorAll("#controls > :not(.visually-hidden)")]
    .map((element) => [element, element.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height);
  const covers = ([, a], [, b]) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.flatMap((one, index) =>
    boxes.slice(index + 1).filter((other) => covers(one, other))
      .map((other) => [one[0].className, other[0].className]));
}"""
SIDE_SCROLL = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def card(page, member):
    return page.locator(f"#card-{member.pk}")


def test_a_spin_and_a_new_member_appear_by_themselves(open_wall, classroom):
    member = join(classroom)
    page = open_wall()
    expect(card(page, member).locator("mark")).to_have_count(0)
    tell(member, " sat")
    expect(card(page, member).locator(".newest-sign")).to_have_text("␣sat")
    other = join(classroom)
    expect(card(page, other)).to_be_visible()
    expect(page.locator(".join-line-count")).to_contain_text("2 have joined")


def test_what_the_teacher_is_doing_survives_the_polls(open_wall, classroom):
    Classroom.objects.update(blurs_stories=True)
    members = [join(classroom, " sat"), join(classroom, " on")]
    page = open_wall()
    page.check(f"#hold-{members[0].pk}")
    page.click(f"#veil-{members[0].pk} > summary")
    page.click("#more > summary")
    page.fill("#id_prompt", "Half a sent")
    page.evaluate("document.getElementById('id_prompt').setSelectionRange(4, 6)")
    page.evaluate("window.scrollTo(0, 40)")
    tell(members[0], " on")
    tell(members[1], " the")
    expect(card(page, members[1]).locator(".newest-sign")).to_have_text("␣the")
    assert page.input_value("#id_prompt") == "Half a sent"
    assert page.evaluate("document.activeElement.id") == "id_prompt"
    assert page.evaluate("document.activeElement.selectionStart") == 4
    assert page.is_checked(f"#hold-{members[0].pk}")
    assert page.evaluate("document.getElementById('more').open")
    assert page.evaluate(f"document.getElementById('veil-{members[0].pk}').open")
    assert not page.evaluate(f"document.getElementById('veil-{members[1].pk}').open")
    assert page.evaluate("scrollY") == 40


def test_actions_change_the_wall_without_a_reload(open_wall, classroom):
    members = [join(classroom), join(classroom)]
    page = open_wall()
    page.evaluate("window.isTheSamePage = true")
    page.click("#freeze")
    expect(page.locator(".wall-state")).to_contain_text("Frozen")
    page.click("#freeze")
    expect(page.locator(".wall-state")).to_have_count(0)
    page.click("#spin-everyone")
    expect(page.locator(".spin-progress")).to_have_text("Everyone has spun.")
    expect(page.locator(".story-card mark")).to_have_count(2)
    for member in members:
        card(page, member).hover()
        page.check(f"#hold-{member.pk}")
    page.click("#hold")
    expect(page.locator(".held-card")).to_have_count(2)
    expect(page.locator("#held-title")).to_be_in_viewport()
    assert not page.is_checked(f"#hold-{members[0].pk}")
    page.click("#release")
    expect(page.locator(".held-card")).to_have_count(0)
    page.focus(f"#hide-{members[0].pk}")
    page.keyboard.press("Enter")
    expect(card(page, members[0])).to_contain_text("Hidden by the teacher")
    assert page.evaluate("document.activeElement.id") == f"show-{members[0].pk}"
    page.click("#more > summary")
    page.fill("#id_prompt", "The dog")
    page.click("#prompt-form button")
    expect(page.locator("#more")).not_to_have_attribute("open", "")
    expect(card(page, members[1])).to_contain_text("The dog")
    assert page.input_value("#id_prompt") == "The dog"
    assert page.evaluate("window.isTheSamePage")


def test_a_refused_action_is_explained_until_the_next_one(open_wall, classroom):
    join(classroom, " sat")
    page = open_wall()
    page.click("#hold")
    expect(page.locator("#problem .problem")).to_contain_text("1 to 6")
    expect(page.locator("#problem .problem")).to_be_in_viewport()
    member = join(classroom, " on")
    expect(card(page, member)).to_be_visible()  # a poll has been answered
    expect(page.locator("#problem .problem")).to_contain_text("1 to 6")
    page.click("#freeze")
    expect(page.locator("#problem .problem")).to_have_count(0)
    assert all("400" in text for text in page.complaints)
    page.complaints.clear()


def test_links_change_the_view_in_place_and_in_the_address(open_wall, classroom):
    members = [join(classroom, " sat on the mat"), join(classroom, " sat")]
    page = open_wall()
    page.evaluate("window.isTheSamePage = true")
    page.click("#order-surprise")
    expect(page.locator("#order-surprise")).to_have_attribute("aria-current", "true")
    assert page.url.endswith("?order=surprise")
    tell(members[1], " on")
    expect(card(page, members[1]).locator(".newest-sign")).to_have_text("␣on")
    expect(page.locator("#order-surprise")).to_have_attribute("aria-current", "true")
    page.click("#join-size")
    expect(page.locator(".join-large")).to_be_visible()
    assert page.evaluate("window.isTheSamePage")
    page.reload()
    expect(page.locator(".join-large")).to_be_visible()


def test_the_wall_survives_a_server_that_does_not_answer(open_wall, classroom):
    member = join(classroom, " sat")
    page = open_wall()
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("No connection")
    expect(card(page, member)).to_contain_text("sat")
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_be_empty()
    page.route("**/wall*", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    expect(page.locator("#connection")).to_contain_text("No connection")
    expect(page.locator("h1")).not_to_have_text("Bad gateway")
    page.unroute("**/wall*")
    tell(member, " on")
    expect(card(page, member).locator(".newest-sign")).to_have_text("␣on")
    expect(page.locator("#connection")).to_be_empty()
    page.complaints.clear()


def test_changes_of_the_class_are_announced(open_wall, classroom):
    join(classroom)
    page = open_wall()
    classrooms.set_state(classroom, ClassState.FROZEN)
    expect(page.locator("#announcer")).to_contain_text("The class is frozen.")
    join(classroom)
    expect(page.locator("#announcer")).to_contain_text("2 have joined.")


def test_a_wall_in_a_hidden_tab_does_not_ask(open_wall, classroom):
    page = open_wall()
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    with page.expect_event("console", lambda said: said.text == "prevented"):
        page.evaluate(
            """document.addEventListener("htmx:beforeRequest", (event) => {
                 if (event.defaultPrevented) console.log("prevented");
               })"""
        )
    with page.expect_request("**/wall*"):
        page.evaluate("Object.defineProperty(document, 'hidden', {value: false})")


def test_an_ended_login_leads_to_the_login_page(open_wall, classroom):
    page = open_wall()
    page.context.clear_cookies()
    page.wait_for_url("**/admin/login/**")
    assert "next=/classrooms/" in page.url


def test_without_javascript_the_controls_are_forms(open_wall, classroom):
    member = join(classroom)
    page = open_wall(java_script_enabled=False)
    page.click("#freeze")
    expect(page.locator(".wall-state")).to_contain_text("Frozen")
    page.click("#freeze")
    page.click("#spin-everyone")
    expect(card(page, member).locator("mark")).to_have_count(1)
    page.click("#order-surprise")
    expect(page.locator("#order-surprise")).to_have_attribute("aria-current", "true")
    card(page, member).hover()
    page.click(f"#hide-{member.pk}")
    expect(card(page, member)).to_contain_text("Hidden by the teacher")
    assert all("csp" in text for text in page.complaints)  # so Chromium calls scripts it leaves out
    page.complaints.clear()


@EVERY_SIZE
@pytest.mark.parametrize("text_size", ["normal", "largest"])
def test_the_wall_fits_its_screen(open_wall, classroom, size, text_size):
    """Joining, with a class at work, and with everything on show at once."""
    Classroom.objects.update(question="What will most of us draw next, and why do you think so?")
    viewport = SIZES[size]
    page = open_wall(viewport=viewport)
    page.evaluate("(size) => { document.documentElement.dataset.textSize = size }", text_size)
    code = page.locator(".join-big-code").bounding_box()
    if size != "phone":
        assert code["height"] >= 0.05 * viewport["height"]
    assert fits(page)
    keep_screenshot(page, f"wall-join-{size}-{text_size}")
    members = [join(classroom, " sat on the mat"), *(join(classroom, " on") for _ in range(5))]
    expect(page.locator(".story-card")).to_have_count(6)
    code = page.locator(".join-big-code").bounding_box()
    if size != "phone":
        assert code["height"] >= 0.05 * viewport["height"]
    assert fits(page)
    classrooms.hold_stories(classroom, [member.pk for member in members])
    classrooms.spin_everyone(classroom, 1)
    classrooms.set_state(classroom, ClassState.FROZEN)
    expect(page.locator(".held-card")).to_have_count(6)
    expect(page.locator(".spin-progress")).to_be_visible()
    page.click("#more > summary")
    assert fits(page)
    sheet = page.locator(".more-sheet").bounding_box()
    assert sheet["y"] >= 0
    assert sheet["x"] >= 0
    assert sheet["x"] + sheet["width"] <= viewport["width"]
    keep_screenshot(page, f"wall-{size}-{text_size}")


def fits(page):
    """Whether nothing is wider than the page, and no control covers another."""
    return page.evaluate(SIDE_SCROLL) <= 0 and page.evaluate(COVERED_CONTROLS) == []


@EVERY_WAY
def test_axe_finds_nothing_serious_on_the_wall(open_wall, classroom, way):
    page = open_wall(reduced_motion="reduce", **WAYS[way])
    assert serious_findings(page) == []
    Classroom.objects.update(blurs_stories=True)
    members = [join(classroom, " sat on the mat"), join(classroom, " on"), join(classroom, " on")]
    classrooms.set_story_hidden(classroom, members[2].pk, is_hidden=True)
    classrooms.hold_stories(classroom, [members[0].pk])
    classrooms.set_state(classroom, ClassState.FROZEN)
    page.reload()
    expect(page.locator(".held-card")).to_be_visible()
    page.click(f"#veil-{members[0].pk} > summary")
    page.focus(f"#hide-{members[0].pk}")
    assert serious_findings(page) == []
    page.click("#more > summary")
    for summary in page.locator(".more-confirm > summary").all():
        summary.click()
    assert serious_findings(page) == []
    classrooms.set_state(classroom, ClassState.CLOSED)
    expect(page.locator(".wall-state")).to_contain_text("over")
    assert serious_findings(page) == []
