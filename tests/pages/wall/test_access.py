"""Access to the wall and its actions: the teacher of the class and superusers."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.pages.wall.world import ACTIONS, HTMX, WallVisitor, join, text_of
from wheel.models import Classroom, Member
from wheel.services.teachers import teachers_group

EVERY_ACTION = pytest.mark.parametrize("name", ACTIONS)


def everything_of(classroom):
    rows = Classroom.objects.filter(pk=classroom.pk).values()
    members = Member.objects.filter(classroom=classroom)
    return list(rows), list(members.values()), [text_of(member) for member in members]


def user(name, **rights):
    """One of the staff is a teacher."""
    new = get_user_model().objects.create_user(name, password="chalk", **rights)
    if new.is_staff:
        new.groups.add(teachers_group())
    return new


@pytest.fixture
def client_with(classroom):
    """A client that is logged in as a new user with these rights."""

    def log_in(**rights):
        client = WallVisitor(classroom)
        client.force_login(user("another", **rights))
        return client

    return log_in


def test_the_teacher_sees_the_wall(wall):
    assert "What is next?" in wall.show().content.decode()


def test_a_superuser_sees_every_wall(client_with):
    client = client_with(is_staff=True, is_superuser=True)
    assert client.get(client.address()).status_code == 200


def test_without_a_login_the_wall_leads_to_it_and_back(anyone, classroom):
    address = reverse("wall", args=[classroom.pk])
    response = anyone.get(address + "?order=surprise")
    assert response.status_code == 302
    assert response["Location"] == f"/admin/login/?next={address}%3Forder%3Dsurprise"


def test_a_user_who_is_not_of_the_staff_is_led_to_the_login(client_with):
    client = client_with()
    assert client.get(client.address())["Location"].startswith("/admin/login/")


def test_the_wall_of_another_teacher_does_not_exist(client_with):
    client = client_with(is_staff=True)
    assert client.get(client.address()).status_code == 404
    assert client.poll().status_code == 404


def test_a_class_that_does_not_exist_has_no_wall(wall, classroom):
    assert wall.get(reverse("wall", args=[classroom.pk + 1])).status_code == 404


def test_a_poll_after_the_login_has_ended_loads_the_page_again(anyone, classroom):
    response = anyone.get(reverse("wall", args=[classroom.pk]), headers=HTMX)
    assert response["HX-Refresh"] == "true"
    assert "Class 4b" not in response.content.decode()


@EVERY_ACTION
def test_an_action_of_another_teacher_changes_nothing(client_with, classroom, name):
    join(classroom)
    before = everything_of(classroom)
    client = client_with(is_staff=True)
    assert client.act(name, **ACTIONS[name]).status_code == 404
    assert client.act_live(name, **ACTIONS[name]).status_code == 404
    assert everything_of(classroom) == before


@EVERY_ACTION
def test_an_action_without_a_login_changes_nothing(anyone, classroom, name):
    join(classroom)
    before = everything_of(classroom)
    address = reverse(name, args=[classroom.pk])
    assert anyone.post(address, ACTIONS[name])["Location"].startswith("/admin/login/")
    assert anyone.post(address, ACTIONS[name], headers=HTMX)["HX-Refresh"] == "true"
    assert everything_of(classroom) == before


@EVERY_ACTION
def test_an_action_needs_the_csrf_token(classroom, teacher, name):
    join(classroom)
    before = everything_of(classroom)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(teacher)
    assert strict.post(reverse(name, args=[classroom.pk]), ACTIONS[name]).status_code == 403
    assert everything_of(classroom) == before


@EVERY_ACTION
def test_a_get_of_an_action_only_leads_to_the_wall(wall, classroom, name):
    join(classroom)
    before = everything_of(classroom)
    response = wall.get(wall.address(name) + "?order=surprise&nonsense=1")
    assert response["Location"] == wall.address() + "?order=surprise"
    assert everything_of(classroom) == before


def test_the_wall_is_never_kept_by_a_cache(wall):
    assert "no-store" in wall.show()["Cache-Control"]
    assert "no-store" in wall.poll()["Cache-Control"]


def test_the_owner_without_the_group_of_teachers_has_no_wall(wall, teacher):
    teacher.groups.clear()
    assert wall.get(wall.address()).status_code == 404
    assert wall.poll().status_code == 404


@EVERY_ACTION
def test_the_owner_without_the_group_of_teachers_cannot_act(wall, classroom, teacher, name):
    join(classroom, " sat")
    teacher.groups.clear()
    before = everything_of(classroom)
    assert wall.post(wall.address(name), ACTIONS[name]).status_code == 404
    assert everything_of(classroom) == before


def test_a_permission_to_view_alone_shows_the_wall_and_allows_no_action(wall, classroom, teacher):
    teacher.groups.clear()
    teacher.user_permissions.add(Permission.objects.get(codename="view_classroom"))
    assert wall.get(wall.address()).status_code == 200
    before = everything_of(classroom)
    assert wall.post(wall.address("freeze-class")).status_code == 404
    assert everything_of(classroom) == before
