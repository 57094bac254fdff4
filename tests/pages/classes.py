"""Classes and their members, for tests of the students' pages."""

from wheel.models import Classroom, ClassState
from wheel.services import classrooms

TITLE = "Tuesday, 4b"
QUESTION = "Which word will most of you get?"
PROMPT = "The cat sat on the"


def make_classroom(**fields):
    return Classroom.objects.create(
        **{"title": TITLE, "prompt": PROMPT, "question": QUESTION} | fields
    )


def join(classroom):
    """The session id of a new member."""
    return classrooms.add_member(classroom).session.session_id


def close(classroom):
    classrooms.set_state(classroom, ClassState.CLOSED)


def freeze(classroom):
    classrooms.set_state(classroom, ClassState.FROZEN)


def resume(classroom):
    classrooms.set_state(classroom, ClassState.OPEN)


def spin_everyone(classroom):
    classroom.refresh_from_db()
    return classrooms.spin_everyone(classroom, classroom.num_common_spins + 1)
