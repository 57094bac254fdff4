"""Students' pages inside a frame of a learning platform, over HTTPS, in Chromium.

The browser's profile is that of a private window, in which Chromium blocks all cookies of a frame
but partitioned ones.
"""

import ssl
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from bench.chromium import launch
from bench.server import free_port
from tests.e2e.nginx import HOST, example, running_nginx
from tests.e2e.server import Server
from tests.e2e.test_deploy import environment
from tests.pages.browser import NOTE_LANDINGS, new_context, spin, wait_until
from tests.processes import run
from tests.serving import serving

pytestmark = pytest.mark.slow

WHEEL = f"https://{HOST}"
PLATFORM = "https://moodle.example"  # a site of its own: it shares no domain with the wheel's
STRANGER = "https://stranger.example"
IGNORING_CERTIFICATES = "--ignore-certificate-errors"
MAKE_CLASS_AND_TEACHER = (
    "from django.contrib.auth import get_user_model;"
    "from wheel.models import Classroom;"
    "Classroom.objects.create(title='4b', prompt='The cat sat on the', code='ABC234');"
    "get_user_model().objects.create_superuser('teacher', password='chalk')"
)
FRAMING_PAGE = """
<iframe name=wheel src="{wheel}{path}" width=1200 height=900></iframe>
<form method=post action="{wheel}/" target=wheel>
  <input name=prompt value=Forged><input name=csrfmiddlewaretoken>
</form>
"""


class FramingPage(BaseHTTPRequestHandler):
    """Answers `/x` by a page with the wheel server's `/x` in a frame, and a form that starts a
    wheel in that frame."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(FRAMING_PAGE.format(wheel=WHEEL, path=self.path).encode())

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server(prepared_folder, remote_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("framed")
    variables = environment() | remote_model | {"FRAME_ANCESTORS": PLATFORM}
    server = Server(folder, prepared_folder.static_dir, **variables)
    server.prepare()
    made = run([*server.manage, "shell", "-c", MAKE_CLASS_AND_TEACHER], server.environment)
    assert made.returncode == 0, made.stderr
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def ports(server, tmp_path_factory):
    """Of nginx in front of the server, and of the pages that frame it."""
    folder = tmp_path_factory.mktemp("nginx")
    with running_nginx(folder, example(), server.port) as (_, https):
        port = free_port()
        framing = ThreadingHTTPServer(("127.0.0.1", port), FramingPage)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "fullchain.pem", folder / "privkey.pem")
        framing.socket = tls.wrap_socket(framing.socket, server_side=True)
        with serving(framing):
            yield https, port


@pytest.fixture(scope="module")
def browser(playwright, ports):
    """Maps the three names to this machine."""
    https, framing = ports
    rules = f"MAP {HOST}:443 127.0.0.1:{https}, MAP *.example:443 127.0.0.1:{framing}"
    arguments = [IGNORING_CERTIFICATES, f"--host-resolver-rules={rules}"]
    browser = launch(playwright.chromium, *arguments)
    yield browser
    browser.close()


@pytest.fixture
def page(browser):
    context = new_context(browser)
    yield context.new_page()
    context.close()


def framed(page, path="/", by=PLATFORM):
    """Opens the framing page; returns the frame in it."""
    page.goto(by + path)
    frame = page.frames[1]
    frame.wait_for_load_state()
    return frame


def start(frame, prompt):
    frame.fill("#id_prompt", prompt)
    frame.click(".start-button")
    frame.wait_for_selector("#spin")
    frame.wait_for_load_state()  # its scripts have run
    return frame.url


def test_a_wheel_is_started_spun_and_undone_in_a_frame(page):
    frame = framed(page)
    start(frame, "The capital of France is")
    story = frame.locator(".story-text")
    before = story.inner_text()
    frame.evaluate(NOTE_LANDINGS)
    spin_in(frame, page)
    expect(story).not_to_have_text(before)
    frame.click("#undo")
    frame.wait_for_selector("#undo[disabled]")
    assert story.inner_text() == before


def spin_in(frame, page):
    """The spin of the browser tests, in a frame."""
    frame.keyboard = page.keyboard
    frame.wait_for_function = partial(wait_until, frame)
    spin(frame)


def test_a_reload_of_the_platform_s_page_offers_the_wheel_again(page):
    frame = framed(page)
    url = start(frame, "Once upon a time")
    link = framed(page).locator(".recent-link")
    assert WHEEL + link.get_attribute("href") == url
    link.click()
    page.wait_for_url(PLATFORM + "/")
    page.frames[1].wait_for_selector("#spin")


def test_a_class_is_joined_in_a_frame(page):
    frame = framed(page, "/join")
    frame.fill("#id_code", "ABC234")
    frame.click(".join-form button")
    frame.wait_for_selector("#spin")
    assert "The ␣cat ␣sat ␣on ␣the" in frame.locator(".story-text").inner_text()


def test_a_form_of_the_platform_s_page_is_refused_even_with_the_token(page):
    frame = framed(page)
    token = frame.locator("[name=csrfmiddlewaretoken]").first.input_value()
    page.fill("[name=csrfmiddlewaretoken]", token)
    with page.expect_response(f"{WHEEL}/") as refused:
        page.evaluate("document.forms[0].submit()")
    assert "csrftoken=" in refused.value.request.all_headers()["cookie"]
    assert refused.value.status == 403


def test_a_frame_without_its_cookies_offers_the_wheel_in_a_tab(page):
    frame = framed(page)
    url = start(frame, "Once upon a time")
    page.context.clear_cookies()
    frame.click("#spin")
    with page.context.expect_page() as tab:
        frame.click("text=Open this wheel in a tab of its own")
    expect(tab.value.locator("#spin")).to_be_visible()
    assert tab.value.url == url


def test_a_teacher_logs_in_and_out_in_a_tab_that_has_shown_students_pages(page):
    page.goto(f"{WHEEL}/")
    page.goto(f"{WHEEL}/admin/")
    page.fill("#id_username", "teacher")
    page.fill("#id_password", "chalk")
    page.click("[type=submit]")
    expect(page.locator("#user-tools")).to_be_visible()
    page.goto(f"{WHEEL}/")
    start(page, "Once upon a time")
    page.goto(f"{WHEEL}/admin/")
    page.click("#logout-form button")
    expect(page.locator("#user-tools")).to_be_hidden()


def test_the_admin_cannot_be_framed(page):
    assert_refused(framed(page, "/admin/login/"))


def test_a_site_that_is_not_named_cannot_frame_a_page(page):
    assert_refused(framed(page, by=STRANGER))


def assert_refused(frame):
    """The browser shows a page of its own instead."""
    assert frame.url.startswith("chrome-error://")
    assert frame.locator("form").count() == 0
