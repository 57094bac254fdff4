"""Play a lesson in Chromium, and take the pictures of the teacher's guide.

    python -m bench.screenshots [--folder docs/images]

Starts a server with SmolLM2, on which a teacher makes a class and 24 members join and spin. The
draws are random, since the wall counts no others: read the stories before you keep the pictures.
Needs the tools of `make test-tools`.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from bench import chromium
from bench.server import ServerProcess
from tokenwheel.environment import exit_on_setting_error

HOST = "wheel.school.example"  # as the pictures show it; Chromium resolves it to this machine
USERNAME, PASSWORD = "rivera", "lanterns-over-the-harbour"
KIT = "one-draw-after-another"
NUM_MEMBERS, NUM_SPINS = 24, 7
NUM_HELD = 3

PROJECTOR: ViewportSize = {"width": 1600, "height": 900}
LAPTOP: ViewportSize = {"width": 1366, "height": 900}
FORM: ViewportSize = {"width": 1366, "height": 1230}  # as high as the settings and their wheel
PHONE: ViewportSize = {"width": 390, "height": 780}
WAIT_MS = 30_000
GUIDE_SEEN = "localStorage.setItem('tokenwheel-guide', 'seen')"


def main() -> None:
    folder = parse_arguments().folder
    environment = {"TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE), "ALLOWED_HOSTS": HOST}
    with tempfile.TemporaryDirectory() as data_dir, sync_playwright() as playwright:
        server = ServerProcess(Path(data_dir), environment)
        server.prepare()
        create_teacher(server)
        server.start()
        try:
            rule = f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{server.port}"
            browser = chromium.launch(playwright.chromium, rule)
            play_lesson(browser, server.port, folder)
            browser.close()
        finally:
            server.stop()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    images = settings.BASE_DIR / "docs" / "images"
    parser.add_argument("--folder", type=Path, default=images, help="where the pictures go")
    return parser.parse_args()


def create_teacher(server: ServerProcess) -> None:
    subprocess.run(  # noqa: S603
        [*server.manage, "create_teacher", "--no-input", "--username", USERNAME],
        cwd=settings.BASE_DIR,
        env=server.environment | {"TEACHER_PASSWORD": PASSWORD},
        check=True,
        capture_output=True,
    )


def play_lesson(browser: Browser, port: int, folder: Path) -> None:
    teacher = browser.new_page(viewport=LAPTOP, reduced_motion="reduce")
    log_in(teacher)
    class_id = make_class(teacher, folder)
    teacher.goto(f"http://{HOST}/classrooms/{class_id}/sheet")
    teacher.screenshot(path=folder / "class-sheet.png")

    teacher.set_viewport_size(PROJECTOR)
    teacher.goto(f"http://{HOST}/classrooms/{class_id}/wall")
    code = "".join(teacher.locator(".join-big-code span").all_inner_texts())
    student = join_with_phone(browser, code)
    others = [join(port, code) for _ in range(NUM_MEMBERS - 1)]
    expect(teacher.locator(".join-number")).to_have_text(str(NUM_MEMBERS), timeout=WAIT_MS)
    teacher.screenshot(path=folder / "class-join.png")

    session_id = student.url.rpartition("/")[2]
    for _ in range(NUM_SPINS):
        for member_id in (*others, session_id):
            spin(port, member_id)
    teacher.reload()
    teacher.screenshot(path=folder / "class-wall.png")
    scroll_to(teacher, "#tree")
    teacher.screenshot(path=folder / "class-tree.png")

    teacher.click("#freeze")
    expect(student.locator("#spin")).to_be_disabled(timeout=WAIT_MS)
    student.reload()
    student.screenshot(path=folder / "class-phone.png")
    hold_up(teacher)
    teacher.screenshot(path=folder / "class-held.png")


def log_in(page: Page) -> None:
    page.goto(f"http://{HOST}/admin/")
    page.fill("#id_username", USERNAME)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")


def make_class(page: Page, folder: Path) -> str:
    """The id of a class from the lesson kit."""
    page.goto(f"http://{HOST}/admin/wheel/classroom/")
    page.screenshot(path=folder / "class-kits.png")
    page.goto(f"http://{HOST}/admin/wheel/classroom/add/?kit={KIT}")
    page.set_viewport_size(FORM)
    scroll_to(page, "fieldset.class-wheel")
    page.screenshot(path=folder / "class-form.png")
    page.set_viewport_size(LAPTOP)
    page.click("[name=_continue]:not([data-preview-button])")
    page.wait_for_url(re.compile(r"/change/"))
    return page.url.partition("/change/")[0].rpartition("/")[2]


def join_with_phone(browser: Browser, code: str) -> Page:
    context = browser.new_context(
        viewport=PHONE, device_scale_factor=2, has_touch=True, is_mobile=True
    )
    context.add_init_script(GUIDE_SEEN)
    page = context.new_page()
    page.goto(f"http://{HOST}/join?code={code}")
    page.click("main form [type=submit]")
    page.wait_for_selector("#spin")
    return page


def join(port: int, code: str) -> str:
    """The id of the new member's session."""
    session_id: str = post(port, f"/api/classrooms/{code}/sessions", {})["session_id"]
    return session_id


def spin(port: int, session_id: str) -> None:
    post(port, f"/api/sessions/{session_id}/spin", {})


def post(port: int, path: str, fields: dict[str, Any]) -> dict[str, Any]:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("POST", path, json.dumps(fields), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        raise RuntimeError(answer["detail"])
    return answer


def hold_up(page: Page) -> None:
    """Hold the most surprising stories."""
    page.click("#order-surprise")
    page.wait_for_url("**order=**")
    for idx in range(NUM_HELD):
        page.locator(".card-hold input").nth(idx).check(force=True)
    page.click("#hold")
    expect(page.locator("#held")).to_be_visible(timeout=WAIT_MS)
    page.evaluate("scrollTo(0, 0)")


def scroll_to(page: Page, selector: str) -> None:
    page.locator(selector).evaluate("element => element.scrollIntoView()")


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
