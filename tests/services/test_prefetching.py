"""Prefetching: the wheel of the next token is computed in advance after a token or a prompt."""

from dataclasses import replace

import pytest

from wheel import runtime, services
from wheel.errors import InvalidFieldsError
from wheel.models import Classroom
from wheel.services import classrooms

pytestmark = pytest.mark.django_db


class RecordingEngine:
    """Answers like `engine`, and keeps the contexts that it is asked to prefetch."""

    def __init__(self, engine):
        self.next_logits = engine.next_logits
        self.prefetched = []

    def prefetch(self, model_id, token_ids, *, affinity_key=""):
        self.prefetched.append((model_id, token_ids))


@pytest.fixture
def recording(session_id, wheel_runtime):
    """The engine of the current runtime, asked nothing so far."""
    recording = RecordingEngine(wheel_runtime.engine)
    with runtime.use(replace(wheel_runtime, engine=recording)):
        yield recording


def test_a_spin_prefetches_the_wheel_of_the_new_text(session_id, recording):
    spun = services.spin(session_id=session_id)
    assert recording.prefetched == [("gpt2", spun.after.session.token_ids)]


def test_a_token_picked_by_hand_prefetches_the_wheel_of_the_new_text(session_id, recording):
    appended = services.append_token(session_id=session_id, token_id=5)
    assert recording.prefetched == [("gpt2", appended.after.session.token_ids)]


def test_a_prompt_prefetches_its_wheel(session_id, recording):
    state = services.set_prompt(session_id=session_id, prompt="A dog")
    session = services.start_text(prompt="A bird")
    assert recording.prefetched == [
        ("gpt2", state.session.token_ids),
        ("gpt2", session.token_ids),
    ]


def test_a_full_context_window_prefetches_nothing(session_id, recording):
    services.set_prompt(session_id=session_id, prompt="z" * 63)
    assert len(recording.prefetched) == 1
    services.spin(session_id=session_id)
    assert len(recording.prefetched) == 1


def test_wheels_and_removed_tokens_prefetch_nothing(session_id, recording):
    services.spin(session_id=session_id)
    services.next_wheel(session_id=session_id)
    services.undo(session_id=session_id)
    services.redo(session_id=session_id)
    services.rewind(session_id=session_id, num_kept=0)
    assert len(recording.prefetched) == 1


def test_a_spin_that_is_refused_prefetches_nothing(session_id, recording):
    with pytest.raises(InvalidFieldsError):
        services.spin(session_id=session_id, u=2.0)
    assert recording.prefetched == []


def test_a_reset_to_no_prompt_prefetches_nothing(wheel_runtime):
    """A context without tokens has no logits: the engine could not compute it."""
    classroom = Classroom.objects.create(title="Class 4b")
    session_id = classrooms.join_classroom(code=classroom.code).session.session_id
    services.set_prompt(session_id=session_id, prompt="The cat")
    recording = RecordingEngine(wheel_runtime.engine)
    with runtime.use(replace(wheel_runtime, engine=recording)):
        classrooms.reset_all(classroom)
    assert recording.prefetched == []
