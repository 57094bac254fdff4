"""The group Teachers, and the command that creates a login in it."""

import io

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from tests.admin.conftest import CLASSES_URL, LIST_URL, logged_in, shown
from wheel.services.teachers import PERMISSIONS, create_teacher, teachers_group

NEEDED = {
    *("add_classroom", "change_classroom", "delete_classroom", "view_classroom"),
    *("delete_sessionindexentry", "view_sessionindexentry"),
}
PASSWORD = "chalk and board"


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setenv("TEACHER_USERNAME", "rosa")
    monkeypatch.setenv("TEACHER_PASSWORD", PASSWORD)


def codenames(group):
    return set(group.permissions.values_list("codename", flat=True))


def run(*arguments):
    output = io.StringIO()
    call_command("create_teacher", *arguments, stdout=output)
    return output.getvalue()


def test_the_group_has_exactly_the_permissions_that_teachers_need(db):
    group = teachers_group()
    assert codenames(group) == NEEDED == set(PERMISSIONS)
    assert {one.content_type.app_label for one in group.permissions.all()} == {"wheel"}


def test_no_permission_exists_twice(db):
    names = Permission.objects.filter(content_type__app_label="wheel").values_list("name")
    assert len(names) == len(set(names))


def test_a_teacher_is_a_staff_user_of_the_group_and_no_superuser(db):
    user = create_teacher(username="rosa", password=PASSWORD)
    assert user.is_staff
    assert not user.is_superuser
    assert [group.name for group in user.groups.all()] == ["Teachers"]
    assert not user.user_permissions.exists()
    assert authenticate(username="rosa", password=PASSWORD) == user


def test_a_group_that_a_backup_has_replaced_is_made_again(db):
    Group.objects.all().delete()
    create_teacher(username="rosa", password=PASSWORD)
    assert codenames(Group.objects.get()) == NEEDED


def test_a_teacher_sees_classes_and_sessions_and_nothing_else(teachers_client):
    page = shown(teachers_client.get("/admin/"))
    assert CLASSES_URL in page
    assert LIST_URL in page
    assert "/admin/auth/" not in page


def test_the_command_takes_name_and_password_from_the_environment(environment, db):
    assert "rosa can now log in" in run("--no-input")
    assert authenticate(username="rosa", password=PASSWORD).groups.get().name == "Teachers"


def test_an_argument_names_the_teacher_before_the_environment_does(environment, db):
    run("--username", "ruth")
    assert authenticate(username="ruth", password=PASSWORD)


def test_the_command_asks_for_what_it_is_not_given(db, monkeypatch):
    asked = []
    answers = iter([PASSWORD, PASSWORD])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "rosa")
    monkeypatch.setattr(
        "wheel.management.commands.create_teacher.getpass", lambda _question: next(answers)
    )
    run()
    assert asked == ["Name: "]
    assert authenticate(username="rosa", password=PASSWORD)


def test_passwords_that_differ_create_no_login(db, monkeypatch, django_user_model):
    answers = iter([PASSWORD, "board and chalk"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(
        "wheel.management.commands.create_teacher.getpass", lambda _question: next(answers)
    )
    with pytest.raises(CommandError, match="The passwords differ"):
        run("--username", "rosa")
    assert not django_user_model.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["--username", "rosa", "--no-input"]])
def test_without_a_terminal_the_command_says_what_is_missing(db, arguments, django_user_model):
    with pytest.raises(CommandError, match=r"give (--username or )?TEACHER_"):
        run(*arguments)
    assert not django_user_model.objects.exists()


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("rosa", "1234", "too short"),
        ("rosaparks", "rosaparks1", "too similar"),
        ("a b", PASSWORD, "valid username"),
        ("taken", PASSWORD, "already exists"),
    ],
)
def test_a_name_or_a_password_that_cannot_be_used_is_refused(
    db, monkeypatch, django_user_model, name, password, sentence
):
    django_user_model.objects.create_user("taken")
    monkeypatch.setenv("TEACHER_PASSWORD", password)
    with pytest.raises(CommandError, match=sentence):
        run("--username", name, "--no-input")
    assert django_user_model.objects.count() == 1


def test_a_user_who_is_not_of_the_staff_sees_nothing(wheel_runtime, django_user_model, db):
    user = django_user_model.objects.create_user("student")
    user.groups.add(teachers_group())
    assert logged_in(user).get(CLASSES_URL).status_code == 302
