"""Migrations of the database that carry data over."""

import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now

from wheel.services.teachers import PERMISSIONS

OLD = [("wheel", "0002_classroom")]


def migrate(targets):
    """Migrate to these, and return the models as they were there."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def newest():
    return MigrationExecutor(connection).loader.graph.leaf_nodes()


@pytest.fixture
def old_models(transactional_db):
    """The tables as the version before classrooms with members had them. The newest ones are there
    again afterwards."""
    yield migrate(OLD)
    migrate(newest())


def create_old_classes(models):
    """An open class with two sessions, a closed one with none, and a session without a class."""
    classroom, entry = (
        models.get_model("wheel", name) for name in ("Classroom", "SessionIndexEntry")
    )
    is_open = classroom.objects.create(
        name="4b", code="ABC234", prompt=" The cat", model_id="gpt2", is_open=True
    )
    classroom.objects.create(name="5a", code="XYZ789", is_open=False)
    for number, own in ((1, is_open), (2, is_open), (3, None)):
        entry.objects.create(
            session_id=uuid.UUID(int=number),
            model_id="gpt2",
            classroom=own,
            created_at=datetime(2026, 11, 1, tzinfo=UTC),
            last_seen=datetime(2026, 11, 2, tzinfo=UTC),
            num_tokens=number,
        )


def test_classes_keep_name_code_prompt_and_whether_they_are_open(old_models):
    create_old_classes(old_models)
    classrooms = migrate(newest()).get_model("wheel", "Classroom").objects
    assert set(classrooms.values_list("title", "code", "model_id", "prompt", "state")) == {
        ("4b", "ABC234", "gpt2", " The cat", "open"),
        ("5a", "XYZ789", "", "", "closed"),
    }
    seeds = set(classrooms.values_list("seed", flat=True))
    assert len(seeds) == 2
    assert all(one.expires_at > now() for one in classrooms.all())
    assert {one.owner for one in classrooms.all()} == {None}


def test_sessions_of_a_class_become_members_with_pseudonyms_of_their_own(old_models):
    create_old_classes(old_models)
    models = migrate(newest())
    members = list(models.get_model("wheel", "Member").objects.order_by("session_id"))
    assert [one.session_id.int for one in members] == [1, 2]
    assert {one.classroom.code for one in members} == {"ABC234"}
    assert len({one.pseudonym for one in members}) == 2
    entries = models.get_model("wheel", "SessionIndexEntry").objects.order_by("session_id")
    assert [entry.member for entry in entries] == [*members, None]
    assert [entry.num_tokens for entry in entries] == [1, 2, 3]


@pytest.mark.parametrize(("num_staff", "owner"), [(1, "rosa1"), (2, None)])
def test_classes_belong_to_the_teacher_if_there_is_only_one(old_models, num_staff, owner):
    users = get_user_model().objects
    for number in range(1, num_staff + 1):
        users.create(username=f"rosa{number}", is_staff=True)
    users.create(username="student")
    create_old_classes(old_models)
    classrooms = migrate(newest()).get_model("wheel", "Classroom").objects
    assert {one.owner and one.owner.username for one in classrooms.all()} == {owner}


def test_the_way_back_keeps_codes_classes_of_sessions_and_whether_they_are_open(old_models):
    create_old_classes(old_models)
    migrate(newest())
    models = migrate(OLD)
    classrooms = models.get_model("wheel", "Classroom").objects
    assert set(classrooms.values_list("name", "code", "is_open")) == {
        ("4b", "ABC234", True),
        ("5a", "XYZ789", False),
    }
    entries = models.get_model("wheel", "SessionIndexEntry").objects.order_by("session_id")
    codes = [entry.classroom and entry.classroom.code for entry in entries]
    assert codes == ["ABC234", "ABC234", None]


def test_classes_and_members_of_the_version_before_have_no_lesson_and_one_prompt(
    transactional_db,
):
    before = migrate([("wheel", "0004_teachers")])
    classroom = before.get_model("wheel", "Classroom").objects.create(
        title="4b", code="ABC234", prompt=" The cat"
    )
    before.get_model("wheel", "Member").objects.create(
        classroom=classroom, session_id=uuid.UUID(int=1), pseudonym="amber otter"
    )
    models = migrate(newest())
    kept = models.get_model("wheel", "Classroom").objects.get()
    assert (kept.title, kept.prompt, kept.lesson, kept.other_prompt) == ("4b", " The cat", "", "")
    assert (kept.guess_round, kept.shows_guesses) == (1, False)
    member = models.get_model("wheel", "Member").objects.get()
    assert (member.pseudonym, member.half) == ("amber otter", 1)
    rows = migrate([("wheel", "0004_teachers")]).get_model("wheel", "Member").objects
    assert rows.get().pseudonym == "amber otter"
    migrate(newest())


def test_the_group_of_teachers_has_exactly_its_permissions_even_before_they_exist(old_models):
    Group.objects.all().delete()
    ContentType.objects.filter(app_label="wheel").delete()
    assert not Permission.objects.filter(content_type__app_label="wheel").exists()
    migrate(newest())
    permissions = Group.objects.get().permissions
    assert set(permissions.values_list("codename", flat=True)) == set(PERMISSIONS)
    names = permissions.values_list("name", flat=True)
    assert "Can add classroom" in names
    assert "Can view wheel session" in names
