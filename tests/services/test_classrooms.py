"""Classes, and the sessions that are started in them."""

import pytest
from django.db import connections

from tests.api.fakes import changed_runtime, store_down
from wheel import models, services
from wheel.errors import (
    ClassroomNotFoundError,
    ModelUnavailableError,
    PromptTooLongError,
    StoreUnavailableError,
)
from wheel.models import Classroom, SessionIndexEntry
from wheel.services import classrooms
from wheel.sessions import index as session_index

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(wheel_runtime):
    return Classroom.objects.create(name="4b", prompt="The cat sat on the")


def text_of(session):
    return services.get_session(session_id=session.session_id).current_text


def test_a_code_is_made_at_the_first_save_and_stays(classroom):
    code = classroom.code
    assert len(code) == 6
    classroom.name = "5b"
    classroom.save()
    classroom.refresh_from_db()
    assert (classroom.name, classroom.code) == ("5b", code)


def test_a_code_that_another_class_has_is_not_used_again(classroom, monkeypatch):
    codes = iter([classroom.code, classroom.code, "ABC234"])
    monkeypatch.setattr(models, "new_code", lambda: next(codes))
    assert Classroom.objects.create(name="other").code == "ABC234"


def test_a_class_is_found_however_its_code_is_typed(classroom):
    code = classroom.code
    for typed in (code, code.lower(), f" {code[:3]}-{code[3:]} "):
        assert classrooms.find_classroom(typed) == classroom


@pytest.mark.parametrize("code", ["", "ABC23", "ABC2345", "%", "A" * 10_000])
def test_an_unknown_code_finds_no_class(classroom, code):
    with pytest.raises(ClassroomNotFoundError):
        classrooms.join_classroom(code=code)
    assert not SessionIndexEntry.objects.exists()


def test_a_closed_class_is_answered_like_an_unknown_one(classroom):
    Classroom.objects.update(is_open=False)
    with pytest.raises(ClassroomNotFoundError) as closed:
        classrooms.join_classroom(code=classroom.code)
    with pytest.raises(ClassroomNotFoundError) as unknown:
        classrooms.join_classroom(code="ABC234")
    assert closed.value.detail == unknown.value.detail


def test_each_student_who_joins_has_an_own_session_with_the_prompt(classroom):
    sessions = [classrooms.join_classroom(code=classroom.code) for _ in range(3)]
    assert len({session.session_id for session in sessions}) == 3
    assert {text_of(session) for session in sessions} == {classroom.prompt}
    assert {session.classroom_id for session in sessions} == {classroom.pk}
    assert classroom.sessions.count() == 3


def test_joining_a_class_without_a_prompt_starts_a_session_without_a_text(classroom):
    Classroom.objects.update(prompt="")
    session = classrooms.join_classroom(code=classroom.code)
    assert text_of(session) == ""
    assert classroom.sessions.get().pk.hex == session.session_id.replace("-", "")


def test_a_class_without_a_model_uses_the_servers_default(classroom):
    assert classrooms.join_classroom(code=classroom.code).model_id == "gpt2"


def test_joining_uses_the_model_of_the_class(classroom):
    Classroom.objects.update(model_id="gpt2-medium")
    with pytest.raises(ModelUnavailableError, match="download_models gpt2-medium"):
        classrooms.join_classroom(code=classroom.code)
    assert not SessionIndexEntry.objects.exists()


def test_joining_a_class_whose_model_is_no_longer_offered_is_refused(classroom):
    Classroom.objects.update(model_id="gpt-9")
    with pytest.raises(ModelUnavailableError, match="no longer offers gpt-9"):
        classrooms.join_classroom(code=classroom.code)


def test_a_prompt_that_no_longer_fits_is_refused_and_leaves_no_session(classroom):
    with (
        changed_runtime(max_prompt_characters=5),
        pytest.raises(PromptTooLongError, match="18 characters; at most 5"),
    ):
        classrooms.join_classroom(code=classroom.code)
    assert not SessionIndexEntry.objects.exists()


def test_joining_with_the_store_down_is_refused(classroom):
    with store_down(), pytest.raises(StoreUnavailableError):
        classrooms.join_classroom(code=classroom.code)


def test_joining_with_the_database_down_is_refused(index_file, wheel_runtime):
    with connections["default"].cursor() as cursor:
        cursor.execute("DROP TABLE wheel_classroom")
    with pytest.raises(StoreUnavailableError):
        classrooms.join_classroom(code="ABC234")


def test_a_session_keeps_its_class_through_all_changes(classroom):
    session_id = classrooms.join_classroom(code=classroom.code).session_id
    services.spin(session_id=session_id)
    services.set_prompt(session_id=session_id, prompt="The dog")
    services.undo(session_id=services.spin(session_id=session_id).after.session.session_id)
    assert services.get_session(session_id=session_id).session.classroom_id == classroom.pk


def test_an_index_row_written_again_has_its_class(classroom):
    session = classrooms.join_classroom(code=classroom.code)
    SessionIndexEntry.objects.all().delete()
    session_index.write_entry(session)
    assert SessionIndexEntry.objects.get().classroom == classroom


def test_deleting_a_class_leaves_its_sessions_alive(classroom):
    session = classrooms.join_classroom(code=classroom.code)
    classroom.delete()
    assert SessionIndexEntry.objects.get().classroom is None
    session_index.write_entry(session)
    assert SessionIndexEntry.objects.get().classroom is None
    assert text_of(session) == "The cat sat on the"


def test_a_session_started_without_a_class_has_none(wheel_runtime):
    assert services.start_session().classroom_id is None
    assert SessionIndexEntry.objects.get().classroom is None


def test_what_a_student_writes_never_reaches_the_database(classroom):
    session_id = classrooms.join_classroom(code=classroom.code).session_id
    services.set_prompt(session_id=session_id, prompt="canary")
    session_index.write_entry(services.get_session(session_id=session_id).session)
    rows = [*Classroom.objects.values(), *SessionIndexEntry.objects.values()]
    assert "canary" not in str(rows)
