"""Access to the wall and its actions: the teacher of the class and superusers."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests.pages.wall.world import ACTIONS, HTMX, WallVisitor, join, text_of
from wheel.models import Classroom, Member

EVERY_ACTION = pytest.mark.parametrize("name", ACTIONS)


def everything_of(classroom):
    rows = Classroom.objects.filter(pk=classroom.pk).values()
    members = Member.objects.filter(classroom=classroom)
    return list(rows), list(members.values()), [text_of(member) for member in members]


def user(name, **rights):
    return get_user_model().objects.create_user(name, password="chalk", **rights)


@pytest.fixture
def somebody_at(classroom):
    """A client that is logged in as a new user with these rights."""

    def log_in(**rights):
        client = WallVisitor(classroom)
        client.force_login(user("somebody", **rights))
        return client

    return log_in


def test_the_teacher_sees_the_wall(wall):
    assert "What is next?" in wall.show().content.decode()


def test_a_superuser_sees_every_wall(somebody_at):
    client = somebody_at(is_staff=True, is_superuser=True)
    assert client.get(client.address()).status_code == 200


def test_without_a_login_the_wall_leads_to_it_and_back(anyone, classroom):
    address = reverse("wall", args=[classroom.pk])
    response = anyone.get(address + "?order=surprise")
    assert response.status_code == 302
    assert response["Location"] == f"/admin/login/?next={address}%3Forder%3Dsurprise"


def test_a_user_who_is_not_of_the_staff_is_led_to_the_login(somebody_at):
    client = somebody_at()
    assert client.get(client.address())["Location"].startswith("/admin/login/")


def test_the_wall_of_another_teacher_does_not_exist(somebody_at):
    client = somebody_at(is_staff=True)
    assert client.get(client.address()).status_code == 404
    assert client.poll().status_code == 404


def test_a_class_that_does_not_exist_has_no_wall(wall, classroom):
    assert wall.get(reverse("wall", args=[classroom.pk + 1])).status_code == 404


def test_a_poll_after_the_login_has_ended_loads_the_page_again(anyone, classroom):
    response = anyone.get(reverse("wall", args=[classroom.pk]), headers=HTMX)
    assert response["HX-Refresh"] == "true"
    assert "Class 4b" not in response.content.decode()


@EVERY_ACTION
def test_an_action_of_another_teacher_changes_nothing(somebody_at, classroom, name):
    join(classroom)
    before = everything_of(classroom)
    client = somebody_at(is_staff=True)
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
