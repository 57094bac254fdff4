"""Fixtures: clients with logins of a superuser and of teachers, a class, and live sessions."""

import pytest
from django.test import Client

from wheel import services
from wheel.models import Classroom
from wheel.services import classrooms
from wheel.services.teachers import create_teacher

LIST_URL = "/admin/wheel/sessionindexentry/"
CLASSES_URL = "/admin/wheel/classroom/"


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def shown(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.fixture
def superuser(django_user_model, db):
    return django_user_model.objects.create_superuser("head", password="chalk")


@pytest.fixture
def teacher(db):
    return create_teacher(username="teacher", password="chalk and board")


@pytest.fixture
def second_teacher(db):
    return create_teacher(username="colleague", password="board and chalk")


@pytest.fixture
def admin(wheel_runtime, superuser):
    """The client of a superuser."""
    return logged_in(superuser)


@pytest.fixture
def teachers_client(wheel_runtime, teacher):
    return logged_in(teacher)


@pytest.fixture
def classroom(teacher):
    return Classroom.objects.create(owner=teacher, title="4b", code="ABC234", prompt="The cat")


@pytest.fixture
def member(wheel_runtime, classroom):
    """A member who has spun twice."""
    member = classrooms.join_classroom(code=classroom.code).member
    for u in (0.3, 0.999999):
        services.spin(session_id=str(member.session_id), u=u)
    return member


@pytest.fixture
def session_id(wheel_runtime, db):
    """A session without a class, whose text is not safe to show unescaped."""
    session_id = services.start_session().session_id
    services.set_prompt(session_id=session_id, prompt="<b>cat</b> & <script>alert(1)</script>")
    return session_id
