"""A class, and members who join it."""

import pytest

from wheel import services
from wheel.models import Classroom
from wheel.services import classrooms


@pytest.fixture
def classroom(wheel_runtime, db):
    return Classroom.objects.create(title="4b", prompt="The cat sat on the")


@pytest.fixture
def join(classroom):
    """Joins the class; returns the session's id."""
    return lambda: classrooms.join_classroom(code=classroom.code).session.session_id


def session_of(session_id):
    return services.get_session(session_id=session_id).session


def text_of(session_id):
    return services.get_session(session_id=session_id).current_text
