"""Membership in a class: changes of the text, locked settings, shared luck."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import now

from tests.services.classrooms.conftest import session_of, text_of
from wheel import services
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import ClassroomClosedError, ClassroomFrozenError, SettingLockedError
from wheel.models import Classroom, ClassState, Luck
from wheel.services import classrooms
from wheel.services.wheels import compute_wheel

CHANGES: dict[str, Callable[..., object]] = {
    "spin": services.spin,
    "append": lambda session_id: services.append_token(session_id=session_id, token_id=5),
    "other": lambda session_id: services.append_token(session_id=session_id, from_other=True),
    "undo": services.undo,
    "redo": services.redo,
    "rewind": lambda session_id: services.rewind(session_id=session_id, num_kept=0),
    "restore": lambda session_id: services.restore_branch(session_id=session_id, number=1),
    "prompt": lambda session_id: services.set_prompt(session_id=session_id, prompt="The dog"),
}


@pytest.fixture
def session_id(join):
    """A member that can undo and redo."""
    session_id = join()
    for _ in range(2):
        services.spin(session_id=session_id)
    services.undo(session_id=session_id)
    return session_id


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize(
    ("state", "error"),
    [(ClassState.FROZEN, ClassroomFrozenError), (ClassState.CLOSED, ClassroomClosedError)],
)
def test_a_class_that_is_not_open_changes_no_text(session_id, change, state, error):
    before = session_of(session_id)
    Classroom.objects.update(state=state)
    with pytest.raises(error):
        change(session_id=session_id)
    assert session_of(session_id).version == before.version
    Classroom.objects.update(state=ClassState.OPEN)
    change(session_id=session_id)
    assert session_of(session_id).rev == before.rev + 1


def test_a_class_that_is_frozen_while_a_wheel_is_computed_changes_no_text(session_id, monkeypatch):
    def compute_and_freeze(*args):
        Classroom.objects.update(state=ClassState.FROZEN)
        return compute_wheel(*args)

    before = session_of(session_id)
    monkeypatch.setattr("wheel.services.token_changes.compute_wheel", compute_and_freeze)
    with pytest.raises(ClassroomFrozenError):
        services.spin(session_id=session_id)
    assert session_of(session_id).token_ids == before.token_ids


def test_a_class_that_has_expired_changes_no_text(session_id, classroom):
    Classroom.objects.update(expires_at=now() - timedelta(seconds=1))
    classroom.refresh_from_db()
    for spin in (
        lambda: services.spin(session_id=session_id),
        lambda: classrooms.spin_everyone(classroom, 1),
    ):
        with pytest.raises(ClassroomClosedError):
            spin()


def test_a_frozen_class_still_shows_other_wheels(session_id):
    Classroom.objects.update(state=ClassState.FROZEN)
    sharp = WheelSettings(temperature=0.5)
    services.next_wheel(session_id=session_id, settings=sharp, given=["temperature"])
    assert session_of(session_id).settings == sharp


def test_a_session_can_be_deleted_while_its_class_is_frozen(session_id, classroom):
    Classroom.objects.update(state=ClassState.FROZEN)
    services.delete_session(session_id=session_id)
    assert not classroom.members.exists()


def test_a_request_sent_again_is_answered_while_the_class_is_frozen(session_id):
    first = services.spin(session_id=session_id, idempotency_key="once")
    Classroom.objects.update(state=ClassState.FROZEN)
    again = services.spin(session_id=session_id, idempotency_key="once")
    assert again.chosen == first.chosen


def test_a_locked_setting_has_the_value_of_the_class(session_id):
    Classroom.objects.update(locked=["temperature"], temperature=0.5)
    assert services.next_wheel(session_id=session_id).settings.temperature == 0.5
    defaults = services.next_wheel(session_id=session_id, settings=WheelSettings(top_k=9))
    assert defaults.settings == WheelSettings(temperature=0.5, top_k=9)
    assert services.spin(session_id=session_id).chosen.settings.temperature == 0.5


def test_another_value_of_a_locked_setting_is_refused(session_id):
    Classroom.objects.update(locked=["temperature"], temperature=0.5)
    before = session_of(session_id)
    hot = WheelSettings(temperature=2.0)
    asked = {"temperature": 2.0}
    for change in (
        lambda: services.next_wheel(session_id=session_id, settings=hot, given=asked),
        lambda: services.spin(session_id=session_id, overrides=asked),
        lambda: services.append_token(session_id=session_id, token_id=5, overrides=asked),
    ):
        with pytest.raises(SettingLockedError) as refused:
            change()
        assert set(refused.value.errors) == {"temperature"}
    assert session_of(session_id).version == before.version
    same = {"temperature": 0.5, "top_k": 9}
    assert services.spin(session_id=session_id, overrides=same).chosen.settings.top_k == 9


def test_a_locked_prompt_stays(session_id):
    Classroom.objects.update(locked=["prompt"])
    before = text_of(session_id)
    with pytest.raises(SettingLockedError) as refused:
        services.set_prompt(session_id=session_id, prompt="The dog")
    assert set(refused.value.errors) == {"prompt"}
    assert text_of(session_id) == before


def test_members_with_the_same_luck_draw_the_same_token_in_the_same_text(join):
    Classroom.objects.update(luck=Luck.SHARED)
    first, second = join(), join()
    for session_id in (first, second):
        for _ in range(4):
            services.spin(session_id=session_id)
    assert text_of(first) == text_of(second)
    services.undo(session_id=first)
    services.spin(session_id=first)
    assert text_of(first) == text_of(second)
    assert session_of(first).seed == session_of(second).seed


def test_members_have_luck_of_their_own(join):
    sessions = [join() for _ in range(4)]
    draws = {services.spin(session_id=session_id).chosen.u for session_id in sessions}
    assert len(draws) == 4


def test_a_change_of_a_text_raises_the_version_of_the_class(session_id):
    for change in CHANGES.values():
        before = Classroom.objects.get().version
        change(session_id=session_id)
        assert Classroom.objects.get().version > before
        if change is services.redo:
            services.spin(session_id=session_id)
    before = Classroom.objects.get().version
    services.next_wheel(session_id=session_id, settings=WheelSettings(temperature=0.5))
    assert Classroom.objects.get().version == before


def test_a_draw_after_an_undo_with_a_given_u_or_from_other_is_no_sample(join):
    session_id = join()
    spun = services.spin(session_id=session_id).chosen
    assert spun.is_sample
    services.undo(session_id=session_id)
    assert services.redo(session_id=session_id).chosen == spun
    services.undo(session_id=session_id)
    assert not services.spin(session_id=session_id).chosen.is_sample
    assert services.spin(session_id=session_id).chosen.is_sample
    assert not services.spin(session_id=session_id, u=0.5).chosen.is_sample
    assert not services.append_token(session_id=session_id, from_other=True).chosen.is_sample
