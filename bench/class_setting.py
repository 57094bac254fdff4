"""The class that the load test measures, in the database of its server.

The members' tokens are draws from the wheel of the prompt: the wall has as much to read, count and
draw as after a lesson, while the model computes one wheel instead of all.
"""

import random
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from bench.class_load import ClassSetting
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.models import Classroom
from wheel.services import classrooms, get_session, next_wheel
from wheel.services.changes import change
from wheel.services.guards import allow_any_change
from wheel.services.states import SessionState

PROMPT = "Once upon a time there was a"


def prepare(num_members: int, num_tokens: int) -> ClassSetting:
    teacher = get_user_model().objects.create_superuser("teacher", password=None)
    classroom = Classroom.objects.create(owner=teacher, title="A class", prompt=PROMPT)
    fill(classroom, num_members, num_tokens)
    client = Client()
    client.force_login(teacher)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"
    return ClassSetting(classroom.pk, classroom.code, cookie)


def fill(classroom: Classroom, num_members: int, num_tokens: int) -> None:
    """Let members join, and give each `num_tokens` tokens."""
    members = [classrooms.add_member(classroom).session for _ in range(num_members)]
    if not members or not num_tokens:
        return
    view = next_wheel(session_id=members[0].session_id)
    generator = random.Random(1)  # noqa: S311 - the same texts in every run
    for member in members:
        tokens = [view.draw(generator.random()) for _ in range(num_tokens)]
        append_all(member.session_id, tokens)


def append_all(session_id: str, tokens: Sequence[ChosenToken]) -> None:
    def extended(state: SessionState) -> tuple[WheelSession, None]:
        session = state.session
        for token in tokens:
            session = session.with_token(token)
        return session, None

    change(get_session(session_id=session_id).stored, None, extended, allow_any_change)
