"""Deletion of a class in the admin, with all its sessions and held stories."""

import pytest
from django.contrib.admin.models import LogEntry

from tests.admin.conftest import CLASSES_URL, shown
from tests.api.fakes import store_down
from wheel import services
from wheel.models import Classroom, HeldStory, Member, SessionIndexEntry
from wheel.services import classrooms

DOWN = "The place where sessions are kept does not answer"


def delete_page(client, classroom):
    return client.post(f"{CLASSES_URL}{classroom.pk}/delete/", {"post": "yes"}, follow=True)


def list_action(client, classroom):
    data = {"action": "delete_selected", "_selected_action": [classroom.pk], "post": "yes"}
    return client.post(CLASSES_URL, data, follow=True)


every_way = pytest.mark.parametrize("delete", [delete_page, list_action])


@pytest.fixture
def held_id(classroom, member):
    classrooms.hold_stories(classroom, [member.pk])
    return str(HeldStory.objects.get().session_id)


def alive(*session_ids):
    return services.find_sessions(session_ids=list(map(str, session_ids)))


@every_way
def test_a_class_is_deleted_with_its_sessions_and_held_stories_and_nothing_else(
    teachers_client, classroom, member, held_id, session_id, teacher, delete
):
    kept = Classroom.objects.create(owner=teacher, title="kept", prompt="The dog")
    kept_member = classrooms.join_classroom(code=kept.code).member
    assert "uccessfully" in shown(delete(teachers_client, classroom))
    assert alive(member.session_id, held_id) == []
    assert len(alive(kept_member.session_id, session_id)) == 2
    assert [one.title for one in Classroom.objects.all()] == ["kept"]
    assert list(Member.objects.all()) == [kept_member]
    assert not HeldStory.objects.exists()
    assert not SessionIndexEntry.objects.filter(pk=member.session_id).exists()


@every_way
def test_a_store_that_is_down_is_reported_and_nothing_is_deleted(
    teachers_client, classroom, member, held_id, delete
):
    with store_down():
        page = shown(delete(teachers_client, classroom))
    assert DOWN in page
    assert "uccessfully" not in page
    assert len(alive(member.session_id, held_id)) == 2
    assert Classroom.objects.get().members.get() == member
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("is_list", [True, False])
def test_the_confirmation_says_what_goes_and_deletes_nothing(
    teachers_client, classroom, member, held_id, is_list
):
    data = {"action": "delete_selected", "_selected_action": [classroom.pk]}
    url = f"{CLASSES_URL}{classroom.pk}/delete/"
    page = shown(teachers_client.post(CLASSES_URL, data) if is_list else teachers_client.get(url))
    assert "4b (ABC234)" in page
    assert "1 student&#x27;s session, with its text" in page
    assert "1 held story" in page
    assert member.pseudonym not in page
    assert len(alive(member.session_id, held_id)) == 2


def test_a_confirmation_for_many_members_takes_no_more_queries(
    teachers_client, classroom, django_assert_max_num_queries
):
    for _ in range(20):
        classrooms.join_classroom(code=classroom.code)
    with django_assert_max_num_queries(12):
        page = shown(teachers_client.get(f"{CLASSES_URL}{classroom.pk}/delete/"))
    assert "20 students&#x27; sessions, with their texts" in page
