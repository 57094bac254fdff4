"""Token Wheel at https://host:port/tw/, in Chromium behind the real nginx: `URL_PREFIX`.

nginx listens on a port other than 443, so forms also show that the port reaches the server.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.e2e.nginx import example, running_nginx
from tests.pages.browser import new_context, note_complaints
from tests.waiting import HANGING_S, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),  # the certificate is its own
]
PROJECT = Path(__file__).resolve().parents[2]
PREFIX = "/tw"
TEACHER = {"username": "teacher", "password": "chalk-and-talk"}
TOP = "<p>The school's own page.</p>"


@pytest.fixture(scope="module")
def server(prepared_folder, remote_model, tmp_path_factory):
    environment = remote_model | {
        "URL_PREFIX": PREFIX,
        "HTTPS": "true",
        "TRUSTED_PROXIES": "127.0.0.1",
        "WHEEL_METRICS": "true",
    }
    with prepared_folder.running_server(tmp_path_factory.mktemp("data"), **environment) as server:
        teacher = {f"DJANGO_SUPERUSER_{name.upper()}": value for name, value in TEACHER.items()}
        command = [sys.executable, "manage.py", "createsuperuser", "--no-input", "--email", ""]
        subprocess.run(command, cwd=PROJECT, env=server.environment | teacher, check=True)
        yield server


def site(*, removes_prefix):
    """The example, changed as docs/operations.md describes; the rest of the site is a page."""
    text = example().replace("location / {", f"location {PREFIX}/ {{")
    text = text.replace("location = /metrics", f"location = {PREFIX}/metrics")
    if removes_prefix:
        text = text.replace("proxy_pass http://tokenwheel;", "proxy_pass http://tokenwheel/;")
    head, brace, _ = text.rpartition("}")
    return f'{head}location / {{ default_type text/html; return 200 "{TOP}"; }}\n{brace}'


@pytest.fixture(scope="module", params=[False, True], ids=["prefix-passed-on", "prefix-removed"])
def origin(request, server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    with running_nginx(folder, site(removes_prefix=request.param), server.port) as (_, https):
        origin = f"https://localhost:{https}"
        wait_until(lambda: is_up(f"{origin}{PREFIX}/health"))
        yield origin


def ask(url, **options):
    return requests.get(url, verify=False, allow_redirects=False, timeout=HANGING_S, **options)


def is_up(url):
    try:
        return ask(url).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def responses():
    """All responses that the browser has got."""
    return []


@pytest.fixture
def page(chromium, origin, responses):
    complaints: list[str] = []
    context = new_context(
        chromium, ignore_https_errors=True, base_url=origin, reduced_motion="reduce"
    )
    page = context.new_page()
    note_complaints(page, complaints)

    def note_response(response):
        responses.append(response)

    page.on("response", note_response)
    yield page
    context.close()
    assert complaints == []


def assert_under_the_prefix(responses, origin):
    """No request has left the prefix or failed, and no cookie is set for the rest of the site."""
    asked = [(response.url, response.status) for response in responses]
    assert asked
    assert [entry for entry in asked if not entry[0].startswith(f"{origin}{PREFIX}/")] == []
    assert [entry for entry in asked if entry[1] >= 400] == []
    for response in responses:
        for cookie in response.header_values("Set-Cookie"):
            assert f"Path={PREFIX}" in cookie.split("; ")


def test_a_student_starts_spins_searches_and_goes_back_under_the_prefix(page, origin, responses):
    page.goto(f"{PREFIX}/")
    page.fill("#id_prompt", "The capital of France is")
    page.click("form:has(#id_prompt) button[type=submit]")
    expect(page.locator(".chip")).to_have_count(5)
    assert re.fullmatch(rf"{origin}{PREFIX}/wheel/[0-9a-f-]{{36}}", page.url)
    page.click("#spin")
    expect(page.locator("#stage:not([data-busy]) .chip")).to_have_count(6)
    page.click("#undo")
    expect(page.locator(".chip")).to_have_count(5)
    page.click("#redo")
    expect(page.locator(".chip")).to_have_count(6)
    page.locator("#find-panel > summary").click()
    page.fill("#find-text", " Rome")
    expect(page.locator("#found")).to_contain_text("Rome")
    page.locator("#menu > summary").click()
    for link in page.locator("#menu a[download]").all():
        assert page.request.get(link.get_attribute("href")).ok
    page.locator("#delete-details > summary").click()
    page.click("#delete-details button[type=submit]")
    page.wait_for_url(f"**{PREFIX}/?deleted")
    assert_under_the_prefix(responses, origin)
    assert {"POST", "GET"} == {response.request.method for response in responses}


def log_in(page):
    page.fill("#id_username", TEACHER["username"])
    page.fill("#id_password", TEACHER["password"])
    page.click("input[type=submit]")


def test_a_teacher_makes_a_class_and_a_student_joins_it_under_the_prefix(page, origin, responses):
    page.goto(f"{PREFIX}/admin/wheel/classroom/add/")
    log_in(page)
    page.fill("#id_title", "4b")
    page.fill("#id_prompt", "The cat")
    page.click("input[name=_continue]")
    code = page.locator(".class-code strong").inner_text()
    page.goto(f"{PREFIX}/join?code={code}")
    page.click(".join-button")
    expect(page.locator(".chip")).to_have_count(2)
    page.goto(f"{PREFIX}/admin/wheel/sessionindexentry/")
    expect(page.locator("#result_list")).to_contain_text("4b")
    assert_under_the_prefix(responses, origin)


def test_the_interactive_documentation_sends_its_requests_under_the_prefix(page, origin, responses):
    page.goto(f"{PREFIX}/api/docs")
    page.click("#operations-models-api_models_retrieve .opblock-summary-control")
    page.click("button.try-out__btn")
    page.click("button.execute")
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    assert f"{origin}{PREFIX}/api/models" in [response.url for response in responses]
    assert_under_the_prefix(responses, origin)


def test_the_addresses_in_answers_of_the_api_are_under_the_prefix(origin):
    addresses = [
        value for value in ask(f"{origin}{PREFIX}/api/").json().values() if value.startswith("/")
    ]
    assert len(addresses) >= 3
    for address in addresses:
        assert address.startswith(f"{PREFIX}/")
        assert ask(origin + address).ok
    assert ask(f"{origin}{PREFIX}/api/schema").json()["servers"] == [{"url": PREFIX}]


def test_a_login_is_asked_for_and_guesses_are_limited_under_the_prefix(origin):
    login = f"{PREFIX}/admin/login/"
    answer = ask(f"{origin}{PREFIX}/admin/wheel/classroom/")
    assert answer.headers["Location"] == f"{login}?next={PREFIX}/admin/wheel/classroom/"
    guess = {"username": origin, "password": "x"}  # a name of this nginx only
    statuses = [
        requests.post(origin + login, guess, verify=False, timeout=HANGING_S).status_code
        for _ in range(11)
    ]
    assert statuses == [403] * 10 + [429]


def test_every_cookie_belongs_to_the_prefix(page):
    page.goto(f"{PREFIX}/")
    page.fill("#id_prompt", "The")
    page.click("form:has(#id_prompt) button[type=submit]")
    page.wait_for_url("**/wheel/*")
    cookies = page.context.cookies()
    assert {cookie["name"] for cookie in cookies} == {
        "tokenwheel_csrftoken",
        "tokenwheel_last_wheels",
    }
    assert {cookie["path"] for cookie in cookies} == {PREFIX}


def test_an_application_at_the_root_of_the_site_does_not_disturb_forms(page, origin):
    """Browsers send its cookies too; another Django has cookies of the usual names."""
    for name in ("csrftoken", "sessionid", "last_wheels"):
        page.context.add_cookies([{"name": name, "value": "another", "url": f"{origin}/"}])
    page.goto(f"{PREFIX}/")
    page.fill("#id_prompt", "The")
    page.click("form:has(#id_prompt) button[type=submit]")
    expect(page.locator(".chip")).to_have_count(1)
    page.goto(f"{PREFIX}/")
    expect(page.locator("main")).to_contain_text("Continue where you left off")
    page.goto(f"{PREFIX}/admin/")
    log_in(page)
    expect(page.locator("#logout-form")).to_be_visible()


@pytest.mark.parametrize("path", ["/nothing", "/wheel/nothing", "/admin/nothing"])
def test_the_links_of_error_pages_stay_under_the_prefix(origin, path):
    answer = ask(origin + PREFIX + path)
    assert answer.status_code in (302, 404)
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', answer.text)
    links.append(answer.headers.get("Location", f"{PREFIX}/"))
    assert [link for link in links if not link.startswith(f"{PREFIX}/")] == []


def test_an_unknown_path_of_the_api_is_answered_in_json(origin):
    assert ask(f"{origin}{PREFIX}/api/nothing").json()["code"] == "not_found"


def test_the_prefix_without_a_slash_leads_to_the_start_page(origin):
    answer = ask(f"{origin}{PREFIX}")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{origin}{PREFIX}/")


def test_a_header_of_a_client_does_not_change_the_prefix(origin):
    headers = {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil", "Script-Name": "/evil"}
    answer = ask(f"{origin}{PREFIX}/", headers=headers)
    assert answer.ok
    assert "/evil" not in answer.text


def test_probes_are_answered_with_and_without_the_prefix_by_plain_http(server):
    for path in ("/health", "/ready", "/metrics"):
        assert server.get(path).status_code == 200
        assert server.get(PREFIX + path).status_code == 200


def test_metrics_are_not_answered_through_nginx(origin):
    assert ask(f"{origin}{PREFIX}/metrics").status_code == 403


def test_the_rest_of_the_site_is_not_touched(origin):
    assert ask(f"{origin}/").text == TOP
