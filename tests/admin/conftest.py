"""Fixtures: a client with a teacher's login, and a live session."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from wheel import services

LIST_URL = "/admin/wheel/sessionindexentry/"


@pytest.fixture
def teacher(db):
    return get_user_model().objects.create_superuser("teacher", password="chalk")


@pytest.fixture
def admin(wheel_runtime, teacher):
    client = Client()
    client.force_login(teacher)
    return client


@pytest.fixture
def session_id(wheel_runtime, db):
    """A session whose text is not safe to show unescaped."""
    session_id = services.start_session().session_id
    services.set_prompt(session_id=session_id, prompt="<b>cat</b> & <script>alert(1)</script>")
    return session_id
