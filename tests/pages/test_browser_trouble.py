"""Failures in Chromium: a busy server, a missing session, a lost answer, two tabs."""

import pytest
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history
from wheel import services
from wheel.errors import EngineBusyError

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def busy_at_first(times, then):
    """A service that is too busy a few times before it does what it should."""
    refusals = [EngineBusyError() for _ in range(times)]

    def service(**arguments):
        if refusals:
            raise refusals.pop()
        return then(**arguments)

    return service


@pytest.fixture
def quick_retries(monkeypatch):
    monkeypatch.setattr(EngineBusyError, "retry_after_s", 1)


def test_a_busy_server_is_asked_again_by_itself_and_spins_once(
    open_wheel, monkeypatch, quick_retries
):
    page = open_wheel(reduced_motion="reduce")
    monkeypatch.setattr(services, "spin", busy_at_first(2, services.spin))
    page.click("#spin")
    expect(page.locator("#problem")).to_contain_text("Trying again by itself")
    expect(page.locator("button.chip")).to_have_count(1)
    expect(page.locator("#problem")).to_be_empty()
    assert len(history(page.session_id)) == 1


def test_a_next_wheel_that_is_late_is_fetched_again(open_wheel, monkeypatch, quick_retries):
    page = open_wheel(reduced_motion="reduce")
    monkeypatch.setattr(services, "next_wheel", busy_at_first(2, services.next_wheel))
    page.click("#spin")
    expect(page.locator("button.chip")).to_have_count(1)
    spin(page)
    assert len(history(page.session_id)) == 2


def test_a_next_wheel_that_never_comes_can_be_asked_for(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    page.route(f"**/wheel/{page.session_id}?*", lambda route: route.abort())
    page.click("#spin")
    link = page.get_by_text("Show the next wheel")
    expect(link).to_be_visible()
    page.unroute(f"**/wheel/{page.session_id}?*")
    link.click()
    expect(page.locator("button.chip")).to_have_count(1)
    assert len(history(page.session_id)) == 1


def test_a_session_that_is_gone_can_be_begun_again_with_its_prompt(open_wheel):
    prompt = 'One "two"\n<three> & four'
    page = open_wheel(prompt=prompt)
    gone = page.session_id
    services.delete_session(session_id=gone)
    page.click("#spin")
    expect(page.locator("#problem")).to_contain_text("This wheel is gone")
    page.click("text=Start again with the same prompt")
    page.wait_for_url(lambda url: gone not in url and "/wheel/" in url)
    session_id = page.url.rpartition("/")[2]
    assert services.get_session(session_id=session_id).current_text == prompt


def test_a_page_whose_cookie_is_gone_can_be_loaded_again(open_wheel):
    page = open_wheel(reduced_motion="reduce")
    page.context.clear_cookies()
    page.click("#spin")
    expect(page.locator("#problem")).to_contain_text("too old to be sent")
    page.click("text=Load it again")
    page.click("#spin")
    expect(page.locator("button.chip")).to_have_count(1)
    assert len(history(page.session_id)) == 1


def test_two_tabs_on_one_wheel_never_spin_twice_on_one_context(open_wheel, live_server):
    page = open_wheel(reduced_motion="reduce")
    other = page.context.new_page()
    other.goto(f"{live_server.url}/wheel/{page.session_id}")
    spin(page)
    other.click("#spin")
    expect(other.locator("#problem")).to_contain_text("The text has moved on")
    expect(other.locator("button.chip")).to_have_count(1)
    assert len(history(page.session_id)) == 1


@pytest.mark.parametrize(
    "prompt", ["<script>alert(1)</script>", "<b onclick=x>&amp;😀👩‍🚀", "\"'`{{7*7}}"]
)
def test_a_prompt_of_html_and_emoji_is_only_text(open_wheel, prompt):
    page = open_wheel(prompt=prompt)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    spin(page)
    assert services.get_session(session_id=page.session_id).initial_prompt == prompt
    assert page.locator(".story-text b, .story-text script").count() == 0


def test_deleting_from_the_menu_ends_at_the_start_page(open_wheel):
    page = open_wheel()
    page.click("#menu > summary")
    page.click("#delete-details > summary")
    page.click("text=Delete it for good")
    expect(page.locator(".notice")).to_have_text("Your session is deleted.")


def test_a_repeated_choice_is_of_the_token_that_was_pressed(open_wheel, monkeypatch, quick_retries):
    page = open_wheel(reduced_motion="reduce")
    monkeypatch.setattr(services, "append_token", busy_at_first(1, services.append_token))
    page.focus("[data-disc]")
    page.keyboard.press("Home")
    token_id = page.get_attribute("#peek-choose", "value")
    page.click("#peek-choose")
    expect(page.locator("#problem")).to_contain_text("Trying again by itself")
    page.evaluate("document.getElementById('peek-choose').value = '1'")
    expect(page.locator("button.chip")).to_have_count(1)
    assert [item.token_id for item in history(page.session_id)] == [int(token_id)]


@pytest.mark.parametrize("body", ["", "<p>No receipt</p>"])
def test_an_answer_to_a_spin_that_cannot_be_played_leaves_a_page_that_works(open_wheel, body):
    page = open_wheel(reduced_motion="reduce")
    page.route("**/spin", lambda route: route.fulfill(status=200, body=body))
    page.click("#spin")
    expect(page.locator("#problem")).to_contain_text("Show the next wheel")
    page.wait_for_selector("#stage:not([data-busy])", state="attached")
    page.unroute("**/spin")
    spin(page)
    assert len(history(page.session_id)) == 1


@pytest.mark.parametrize("status", [400, 503])
def test_a_refused_look_ahead_is_not_sent_again_with_every_move(open_wheel, status):
    page = open_wheel(query="?top_k=0")
    asked: list[str] = []

    def refuse(route):
        asked.append(route.request.url)
        route.fulfill(status=status, headers={"Retry-After": "600"}, body="no")

    page.route("**/knob-steps?*", refuse)
    with page.expect_response("**/knob-steps?*"):
        page.focus("#knob-top_k-slider")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#announcer")).to_contain_text("Top-k 10:")
    assert len(asked) <= 2  # another one for the wheel after the move
