"""The content security policy in Chromium: no page violates it."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from tests.admin.conftest import CLASSES_URL, LIST_URL
from tests.pages.browser import new_context, note_complaints, wait_until
from tests.pages.conftest import start_session
from wheel import services
from wheel.models import Classroom

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium, live_server, wheel_runtime):
    """A page that fails the test where the browser has anything to complain about."""
    complaints: list[str] = []
    context = new_context(chromium, base_url=live_server.url)
    page = context.new_page()
    note_complaints(page, complaints)
    yield page
    page.wait_for_load_state("networkidle")
    context.close()
    assert complaints == []


@pytest.fixture
def teacher(page):
    get_user_model().objects.create_superuser("teacher", password="chalk")
    page.goto("/admin/")
    page.fill("#id_username", "teacher")
    page.fill("#id_password", "chalk")
    page.click("[type=submit]")
    expect(page.locator("#user-tools")).to_be_visible()
    return page


def test_the_start_page_violates_no_policy(page):
    page.goto("/")
    page.locator("[data-example]").first.click()
    expect(page.locator("#id_prompt")).not_to_be_empty()


def test_the_wheel_page_violates_no_policy_through_a_spin(page):
    page.goto(f"/wheel/{start_session()}")
    page.click("#spin")
    wait_until(page, "document.getAnimations().some((a) => !a.animationName)")
    page.keyboard.press("Escape")
    expect(page.locator("#result")).to_contain_text("bits of surprise")
    expect(page.locator("[data-disc] .hub")).to_be_visible()


def test_the_login_and_the_admin_s_list_of_sessions_violate_no_policy(teacher):
    session_id = start_session()
    teacher.goto(LIST_URL)
    expect(teacher.locator("#result_list")).to_contain_text(session_id)
    teacher.goto(f"{LIST_URL}?model_id=gpt2&created_at__year=2000")
    expect(teacher.locator("#changelist-filter")).to_be_visible()


def test_the_admin_s_page_of_a_session_violates_no_policy(teacher):
    session_id = start_session()
    services.spin(session_id=session_id)
    teacher.goto(f"{LIST_URL}{session_id}/change/")
    wait_until(teacher, "document.querySelector('.step-wheel').naturalWidth > 0")
    teacher.get_by_role("button", name="Show the text").click()
    expect(teacher.locator("pre")).to_contain_text("The cat sat on the")
    teacher.goto(f"{LIST_URL}{session_id}/delete/")
    expect(teacher.locator("#content [type=submit]")).to_be_visible()


def test_the_form_of_a_class_draws_its_wheel_again_and_violates_no_policy(teacher):
    teacher.goto(f"{CLASSES_URL}add/?kit=temperature")
    preview = teacher.locator(".class-preview")
    expect(preview.locator("svg.wheel-picture")).to_be_visible()
    teacher.fill("#id_temperature", "3")
    expect(preview).to_contain_text("Above a temperature of 2")
    teacher.fill("#id_prompt", "The cat")
    expect(preview).to_contain_text("The cat")
    teacher.click("[name=_save]")
    teacher.get_by_role("link", name="Printable sheet").click()
    expect(teacher.locator(".qr-code")).to_be_visible()
    assert Classroom.objects.get().temperature == 3


def test_the_interactive_page_of_the_api_violates_no_policy(page):
    page.goto("/api/docs")
    expect(page.locator(".opblock")).to_have_count(19)
    for operation in page.locator(".opblock-summary-control").all():
        operation.click()
    expect(page.locator(".opblock-body")).to_have_count(19)
    page.locator(".try-out__btn").first.click()
    page.locator(".execute").first.click()
    expect(page.locator(".live-responses-table").first).to_contain_text("200")


def test_the_browser_enforces_the_policy(chromium, live_server, wheel_runtime):
    """What an attacker could bring into a page does not run."""
    page = new_context(chromium).new_page()
    page.goto(live_server.url)
    page.evaluate(
        """() => {
          window.violations = [];
          document.addEventListener("securitypolicyviolation", (event) =>
            violations.push(event.effectiveDirective));
          document.body.insertAdjacentHTML("beforeend", `
            <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" onerror="window.isHacked = true">
            <p style="color: red"></p>`);
          document.body.append(Object.assign(document.createElement("script"),
            { textContent: "window.isHacked = true" }));
        }"""
    )
    wait_until(page, "violations.length >= 4")
    directives = set(page.evaluate("violations"))
    assert directives == {"img-src", "style-src-attr", "script-src-attr", "script-src-elem"}
    assert page.evaluate("window.isHacked") is None
    page.context.close()


def test_the_picture_of_a_wheel_is_drawn_by_an_image_viewer(page):
    """As an image it may load nothing and run nothing."""
    page.goto(f"/wheel/{start_session()}")
    size = page.evaluate(
        """async (address) => {
          const image = new Image();
          image.src = address;
          await image.decode();
          return [image.naturalWidth, image.naturalHeight];
        }""",
        page.url + "/wheel.svg",
    )
    assert size == [848, 960]
