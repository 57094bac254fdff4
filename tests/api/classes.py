"""Classrooms and their members for the tests of the API."""

from wheel.models import Classroom, ClassState
from wheel.services import classrooms

PROMPT = "The cat sat on the"


def new_classroom(**fields):
    return Classroom.objects.create(**{"title": "Class 4b", "prompt": PROMPT} | fields)


def join(api, classroom):
    """The address of a new member's session."""
    answer = api.post_json(f"/api/classrooms/{classroom.code}/sessions")
    assert answer.status_code == 201, answer.content
    return f"/api/sessions/{answer.json()['session_id']}"


def freeze(classroom):
    classrooms.set_state(classroom, ClassState.FROZEN)


def resume(classroom):
    classrooms.set_state(classroom, ClassState.OPEN)


def close(classroom):
    classrooms.set_state(classroom, ClassState.CLOSED)
