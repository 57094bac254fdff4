"""Fixtures: a class with its teacher's login, and members that tell known stories."""

from datetime import UTC, datetime
from functools import partial

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext

from tests.pages.browser import new_context, note_complaints, wait_until
from tests.pages.conftest import Visitor
from tests.pages.wall.world import WallVisitor
from wheel.models import Classroom
from wheel.pages.wall import etag
from wheel.services.teachers import create_teacher


@pytest.fixture
def teacher(db):
    return create_teacher(username="teacher", password="chalk and board")


@pytest.fixture
def classroom(wheel_runtime, teacher):
    return Classroom.objects.create(
        owner=teacher, title="Class 4b", prompt="The cat", code="ABC234", question="What is next?"
    )


@pytest.fixture
def anyone(wheel_runtime, db):
    """A client without a login."""
    return Visitor()


@pytest.fixture
def wall(wheel_runtime, teacher, classroom):
    """The teacher's client, with the wall of the class."""
    client = WallVisitor(classroom)
    client.force_login(teacher)
    return client


@pytest.fixture
def frozen_minute(monkeypatch):
    """The wall's clock stands still, and is moved by assigning to `now`."""

    class StandingClock:
        now = datetime(2026, 3, 2, 10, 30, 20, tzinfo=UTC)

    monkeypatch.setattr(etag, "utc_now", lambda: StandingClock.now)
    return StandingClock


@pytest.fixture
def open_wall(chromium, live_server, wall):
    """Opens the wall of the class as its teacher; complaints of the browser fail the test, unless
    the test takes them out of the list."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(query="", **options):
        options = {"viewport": {"width": 1280, "height": 800}} | options
        context = new_context(chromium, **options)
        contexts.append(context)
        value = wall.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.wait_for_function = partial(wait_until, page)
        page.complaints = complaints
        note_complaints(page, complaints)
        page.goto(live_server.url + wall.address() + query)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
