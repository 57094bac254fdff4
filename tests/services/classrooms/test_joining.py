"""Classes, and the sessions that are started in them."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils.timezone import now

from tests.api.fakes import changed_runtime, store_down
from wheel import services
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import (
    ClassroomNotFoundError,
    ModelUnavailableError,
    PromptTooLongError,
    StoreUnavailableError,
)
from wheel.models import Classroom, ClassState, Luck, Member, SessionIndexEntry
from wheel.models import classroom as classroom_models
from wheel.services import classrooms, prompts
from wheel.services.classrooms import joining
from wheel.sessions import index as session_index

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(wheel_runtime):
    return Classroom.objects.create(title="4b", prompt="The cat sat on the")


def text_of(session):
    return services.get_session(session_id=session.session_id).current_text


def test_a_code_is_made_at_the_first_save_and_stays(classroom):
    code = classroom.code
    assert len(code) == 6
    classroom.title = "5b"
    classroom.save()
    classroom.refresh_from_db()
    assert (classroom.title, classroom.code) == ("5b", code)


def test_a_code_that_another_class_has_is_not_used_again(classroom, monkeypatch):
    codes = iter([classroom.code, classroom.code, "ABC234"])
    monkeypatch.setattr(classroom_models, "new_code", lambda: next(codes))
    assert Classroom.objects.create(title="other").code == "ABC234"


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
    Classroom.objects.update(state=ClassState.CLOSED)
    with pytest.raises(ClassroomNotFoundError) as closed:
        classrooms.join_classroom(code=classroom.code)
    with pytest.raises(ClassroomNotFoundError) as unknown:
        classrooms.join_classroom(code="ABC234")
    assert closed.value.detail == unknown.value.detail


def test_each_student_who_joins_has_an_own_session_with_the_prompt(classroom):
    sessions = [classrooms.join_classroom(code=classroom.code).session for _ in range(3)]
    assert len({session.session_id for session in sessions}) == 3
    assert {text_of(session) for session in sessions} == {classroom.prompt}
    assert {session.classroom_id for session in sessions} == {classroom.pk}
    pseudonyms = set(classroom.members.values_list("pseudonym", flat=True))
    assert len(pseudonyms) == 3


def test_joining_a_class_without_a_prompt_starts_a_session_without_a_text(classroom):
    Classroom.objects.update(prompt="")
    session = classrooms.join_classroom(code=classroom.code).session
    assert text_of(session) == ""
    assert str(classroom.members.get().session_id) == session.session_id


def test_a_class_without_a_model_uses_the_servers_default(classroom):
    assert classrooms.join_classroom(code=classroom.code).session.model_id == "gpt2"
    classroom.refresh_from_db()
    assert classroom.model_id == "gpt2"


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
    assert not classroom.members.exists()


def test_a_class_that_is_over_cannot_be_joined(classroom):
    Classroom.objects.update(expires_at=now() - timedelta(seconds=1))
    with pytest.raises(ClassroomNotFoundError):
        classrooms.join_classroom(code=classroom.code)


CHANGES_OF_THE_TEACHER = {
    "a new prompt": lambda classroom: classrooms.set_prompt_for_all(classroom, "The dog"),
    "no prompt": lambda classroom: edit(classroom, prompt=""),
    "other settings": lambda classroom: edit(classroom, temperature=0.5, top_k=7),
    "a later expiry": lambda classroom: edit(classroom, expires_at=now() + timedelta(days=30)),
    "the same luck": lambda classroom: edit(classroom, luck=Luck.SHARED),
}


def edit(classroom, **fields):
    for name, value in fields.items():
        setattr(classroom, name, value)
    classrooms.edit_classroom(classroom, list(fields))


@pytest.mark.parametrize("change", CHANGES_OF_THE_TEACHER.values(), ids=CHANGES_OF_THE_TEACHER)
def test_a_member_who_joins_during_a_change_of_the_teacher_begins_with_it(classroom, change):
    read_before = Classroom.objects.get()
    change(classroom)
    late = classrooms.add_member(read_before).session
    later = classrooms.join_classroom(code=classroom.code).session
    assert beginning_of(late) == beginning_of(later)


def beginning_of(session):
    session = services.get_session(session_id=session.session_id).session
    return (session.prompt_token_ids, session.settings, session.kept_until, session.seed)


def test_a_member_begins_at_the_first_revision_of_the_text(classroom):
    session = classrooms.join_classroom(code=classroom.code).session
    assert (session.rev, text_of(session)) == (1, classroom.prompt)


@pytest.mark.parametrize("step", ["create_session", "write_prompt"])
@pytest.mark.parametrize("is_before", [True, False])
def test_a_class_that_is_deleted_during_a_join_leaves_no_session(
    classroom, monkeypatch, step, is_before
):
    real = getattr(prompts, step)

    def delete_class(*args, **options):
        if is_before:
            classrooms.delete_classroom(classroom)
        result = real(*args, **options)
        if not is_before:
            classrooms.delete_classroom(classroom)
        return result

    started_ids = keep_member_ids(monkeypatch)
    monkeypatch.setattr(prompts, step, delete_class)
    with pytest.raises(ClassroomNotFoundError):
        classrooms.join_classroom(code=classroom.code)
    assert len(started_ids) == 1
    assert services.find_sessions(session_ids=started_ids) == []
    assert not SessionIndexEntry.objects.exists()
    assert not Member.objects.exists()


def keep_member_ids(monkeypatch):
    """A list that the ids of the sessions of new members are added to."""
    session_ids = []
    real = joining.create_member

    def create_member(*args, **options):
        member = real(*args, **options)
        session_ids.append(str(member.session_id))
        return member

    monkeypatch.setattr(joining, "create_member", create_member)
    return session_ids


def test_joining_a_class_that_was_deleted_meanwhile_is_refused(classroom):
    read_before = Classroom.objects.get()
    classrooms.delete_classroom(classroom)
    for model_id in ("", "gpt2"):
        read_before.model_id = model_id
        with pytest.raises(ClassroomNotFoundError):
            classrooms.add_member(read_before)


def test_a_frozen_class_can_be_joined(classroom):
    Classroom.objects.update(state=ClassState.FROZEN)
    assert text_of(classrooms.join_classroom(code=classroom.code).session) == classroom.prompt


def test_a_session_of_a_class_begins_with_its_settings(classroom):
    Classroom.objects.update(temperature=0.5, top_k=7)
    settings = classrooms.join_classroom(code=classroom.code).session.settings
    assert settings == WheelSettings(temperature=0.5, top_k=7)


def test_a_pseudonym_that_another_member_takes_meanwhile_is_not_used_twice(classroom, monkeypatch):
    drawn = iter(["amber otter", "amber otter", "brave owl"])
    monkeypatch.setattr(joining, "new_pseudonym", lambda _taken: next(drawn))
    for _ in range(2):
        classrooms.join_classroom(code=classroom.code)
    assert [str(member) for member in classroom.members.all()] == ["amber otter", "brave owl"]


def test_joining_and_leaving_raise_the_version_of_the_class(classroom):
    session_id = classrooms.join_classroom(code=classroom.code).session.session_id
    joined = Classroom.objects.get().version
    assert joined > 0
    services.delete_session(session_id=session_id)
    assert Classroom.objects.get().version > joined
    assert not classroom.members.exists()


def test_joining_with_the_database_down_is_refused(index_file, wheel_runtime):
    with connections["default"].cursor() as cursor:
        cursor.execute("DROP TABLE wheel_classroom")
    with pytest.raises(StoreUnavailableError):
        classrooms.join_classroom(code="ABC234")


def test_a_session_keeps_its_class_through_all_changes(classroom):
    session_id = classrooms.join_classroom(code=classroom.code).session.session_id
    services.spin(session_id=session_id)
    services.set_prompt(session_id=session_id, prompt="The dog")
    services.undo(session_id=services.spin(session_id=session_id).after.session.session_id)
    assert services.get_session(session_id=session_id).session.classroom_id == classroom.pk


def test_an_index_row_written_again_has_its_class(classroom):
    session = classrooms.join_classroom(code=classroom.code).session
    SessionIndexEntry.objects.all().delete()
    session_index.write_entry(session)
    assert SessionIndexEntry.objects.get().member == classroom.members.get()


def test_a_row_deleted_elsewhere_leaves_its_sessions_alive(classroom):
    session = classrooms.join_classroom(code=classroom.code).session
    classroom.delete()
    assert SessionIndexEntry.objects.get().member is None
    session_index.write_entry(session)
    assert SessionIndexEntry.objects.get().member is None
    assert text_of(session) == "The cat sat on the"


def test_a_session_started_without_a_class_has_none(wheel_runtime):
    assert services.start_session().classroom_id is None
    assert SessionIndexEntry.objects.get().member is None


def test_what_a_student_writes_never_reaches_the_database(classroom):
    session_id = classrooms.join_classroom(code=classroom.code).session.session_id
    services.set_prompt(session_id=session_id, prompt="canary")
    session_index.write_entry(services.get_session(session_id=session_id).session)
    models = (Classroom, Member, SessionIndexEntry)
    rows = [row for model in models for row in model.objects.values()]
    assert "canary" not in str(rows)
