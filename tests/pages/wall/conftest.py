"""Fixtures: a class with its teacher's login, and members that tell known stories."""

from datetime import UTC, datetime

import pytest

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
