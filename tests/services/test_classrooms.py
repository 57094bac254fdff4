"""Classes, and the sessions that are started in them."""

import pytest

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


def test_a_code_that_is_taken_is_not_given_twice(classroom, monkeypatch):
    codes = iter([classroom.code, classroom.code, "ABC234"])
    monkeypatch.setattr(models, "new_code", lambda: next(codes))
    assert Classroom.objects.create(name="other").code == "ABC234"


def test_a_class_is_found_however_its_code_is_typed(classroom):
    code = classroom.code
    for typed in (code, code.lower(), f" {code[:3]}-{code[3:]} "):
        assert classrooms.find_classroom(typed) == classroom


@pytest.mark.parametrize("code", ["", "ABC23", "ABC2345", "%", "A" * 10_000])
def test_an_unknown_code_is_no_class(classroom, code):
    with pytest.raises(ClassroomNotFoundError):
        classrooms.join_classroom(code=code)
    assert not SessionIndexEntry.objects.exists()


def test_a_closed_class_is_told_just_as_an_unknown_one(classroom):
    Classroom.objects.update(is_open=False)
    with pytest.raises(ClassroomNotFoundError) as closed:
        classrooms.join_classroom(code=classroom.code)
    with pytest.raises(ClassroomNotFoundError) as unknown:
        classrooms.join_classroom(code="ABC234")
    assert closed.value.detail == unknown.value.detail


def test_everybody_who_joins_has_a_session_of_their_own_with_the_prompt(classroom):
    sessions = [classrooms.join_classroom(code=classroom.code) for _ in range(3)]
    assert len({session.session_id for session in sessions}) == 3
    assert {text_of(session) for session in sessions} == {classroom.prompt}
    assert {session.classroom_id for session in sessions} == {classroom.pk}
    assert classroom.sessions.count() == 3


def test_without_a_prompt_everybody_begins_with_an_empty_page(classroom):
    Classroom.objects.update(prompt="")
    session = classrooms.join_classroom(code=classroom.code)
    assert text_of(session) == ""
    assert classroom.sessions.get().pk.hex == session.session_id.replace("-", "")


def test_without_a_model_the_class_has_the_servers_default(classroom):
    assert classrooms.join_classroom(code=classroom.code).model_id == "gpt2"


def test_the_model_of_the_class_is_taken(classroom):
    Classroom.objects.update(model_id="gpt2-medium")
    with pytest.raises(ModelUnavailableError, match="download_models gpt2-medium"):
        classrooms.join_classroom(code=classroom.code)
    assert not SessionIndexEntry.objects.exists()


def test_a_model_that_is_no_longer_on_offer_is_told(classroom):
    Classroom.objects.update(model_id="gpt-9")
    with pytest.raises(ModelUnavailableError, match="no longer offers gpt-9"):
        classrooms.join_classroom(code=classroom.code)


def test_a_prompt_that_no_longer_fits_is_told_and_no_session_stays(classroom):
    with (
        changed_runtime(max_prompt_characters=5),
        pytest.raises(PromptTooLongError, match="18 characters; at most 5"),
    ):
        classrooms.join_classroom(code=classroom.code)
    assert not SessionIndexEntry.objects.exists()


def test_a_store_that_is_down_is_told(classroom):
    with store_down(), pytest.raises(StoreUnavailableError):
        classrooms.join_classroom(code=classroom.code)


def test_the_class_stays_with_the_session_whatever_is_done_with_it(classroom):
    session_id = classrooms.join_classroom(code=classroom.code).session_id
    services.spin(session_id=session_id)
    services.set_prompt(session_id=session_id, prompt="The dog")
    services.undo(session_id=services.spin(session_id=session_id).after.session.session_id)
    assert services.get_session(session_id=session_id).session.classroom_id == classroom.pk


def test_a_row_that_was_lost_is_written_again_with_its_class(classroom):
    session = classrooms.join_classroom(code=classroom.code)
    SessionIndexEntry.objects.all().delete()
    session_index.write_entry(session)
    assert SessionIndexEntry.objects.get().classroom == classroom


def test_a_class_that_is_deleted_leaves_its_sessions_alive(classroom):
    session = classrooms.join_classroom(code=classroom.code)
    classroom.delete()
    assert SessionIndexEntry.objects.get().classroom is None
    session_index.write_entry(session)
    assert SessionIndexEntry.objects.get().classroom is None
    assert text_of(session) == "The cat sat on the"


def test_a_session_of_ones_own_has_no_class(wheel_runtime):
    assert services.start_session().classroom_id is None
    assert SessionIndexEntry.objects.get().classroom is None


def test_what_a_student_writes_never_reaches_the_database(classroom):
    session_id = classrooms.join_classroom(code=classroom.code).session_id
    services.set_prompt(session_id=session_id, prompt="canary")
    session_index.write_entry(services.get_session(session_id=session_id).session)
    rows = [*Classroom.objects.values(), *SessionIndexEntry.objects.values()]
    assert "canary" not in str(rows)
