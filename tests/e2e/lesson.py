"""A lesson on a server: a teacher with a wall, members with pages, and members that use the API."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.class_member import ClassMember
from tests.e2e.server import Server
from tests.e2e.wall_page import WallPage
from tests.pages.browser import NOTE_LANDINGS, guide_seen, new_context, wait_until
from tests.processes import run

USERNAME, PASSWORD = "ada", "Seven-Chalks-On-A-Shelf"
KIT = "One draw after another"
PROJECTOR = {"width": 1920, "height": 1080}


class Lesson:
    """Opens the browser contexts of a lesson, and closes them at its end. `complaints` are script
    errors of its pages."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.server = server
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def open_page(self, **options: Any) -> Page:
        context = new_context(self._browser, storage_state=guide_seen(self.server.url), **options)
        self._contexts.append(context)
        page: Page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def open_wall(self) -> tuple[WallPage, str]:
        """The wall of a new class, which a teacher makes from a kit in the admin; and its code."""
        page = self.open_page(viewport=PROJECTOR)
        self._log_in(page)
        page.goto(f"{self.server.url}/admin/wheel/classroom/")
        page.locator(".class-kits").get_by_role("link", name=KIT).click()
        page.click("input[name=_continue]")
        code = page.locator(".class-code strong").text_content()
        assert code is not None
        page.get_by_role("link", name="Wall", exact=True).click()
        expect(page.locator(".join-big-code")).to_have_text(re.compile(rf"{code[:3]}\s*{code[3:]}"))
        return WallPage(page), code

    def open_member(self, code: str, **options: Any) -> "MemberPage":
        """The page of a member who types the code in its own way."""
        page = self.open_page(**options)
        page.goto(f"{self.server.url}/join")
        page.fill("#id_code", f"{code[:3]} {code[3:]}".lower())
        page.click(".join-form button")
        page.wait_for_url("**/wheel/*")
        page.evaluate(NOTE_LANDINGS)
        page.wait_for_function = partial(wait_until, page)  # type: ignore[method-assign]
        session_id = page.url.rpartition("/")[2]
        return MemberPage(page, ClassMember(self.server.url, session_id))

    def _log_in(self, page: Page) -> None:
        page.goto(f"{self.server.url}/admin/")
        page.fill("#id_username", USERNAME)
        page.fill("#id_password", PASSWORD)
        page.click("input[type=submit]")
        expect(page.locator("#user-tools")).to_contain_text(USERNAME)


@dataclass(frozen=True)
class MemberPage:
    """`member` reads its session over the API."""

    page: Page
    member: ClassMember

    @property
    def token_ids(self) -> list[int]:
        """Of the chosen tokens on the page."""
        chips = self.page.locator("button.chip")
        ids: list[int] = chips.evaluate_all("(chips) => chips.map((c) => +c.dataset.tokenId)")
        return ids

    def expect_text_of_the_session(self) -> None:
        chosen = [step["token_id"] for step in self.member.session()["token_history"]]
        expect(self.page.locator("button.chip")).to_have_count(len(chosen))
        assert self.token_ids == chosen


def create_teacher(server: Server) -> None:
    created = run(
        [*server.manage, "create_teacher", "--username", USERNAME, "--no-input"],
        server.environment | {"TEACHER_PASSWORD": PASSWORD},
    )
    assert created.returncode == 0, created.stderr
