"""Deletion of sessions in the admin, which removes them from the store at once."""

import pytest
from django.contrib.admin.models import LogEntry

from tests.admin.conftest import LIST_URL
from tests.api.fakes import store_down
from wheel import services
from wheel.errors import SessionNotFoundError
from wheel.models import Member, SessionIndexEntry

DOWN = "The place where sessions are kept does not answer"


def delete_one(client, session_id):
    return client.post(f"{LIST_URL}{session_id}/delete/", {"post": "yes"}, follow=True)


def delete_many(client, session_ids):
    data = {"action": "delete_selected", "_selected_action": session_ids, "post": "yes"}
    return client.post(LIST_URL, data, follow=True)


def assert_gone(session_id):
    with pytest.raises(SessionNotFoundError):
        services.get_session(session_id=session_id)
    assert not SessionIndexEntry.objects.filter(pk=session_id).exists()


def test_deleting_one_session_asks_first(admin, session_id):
    page = admin.get(f"{LIST_URL}{session_id}/delete/")
    assert page.status_code == 200
    assert "Are you sure" in page.content.decode()
    assert services.get_session(session_id=session_id)


def test_one_session_is_deleted_from_the_store_at_once(admin, session_id):
    answer = delete_one(admin, session_id)
    assert answer.status_code == 200
    assert "was deleted successfully" in answer.content.decode()
    assert_gone(session_id)


def test_several_sessions_are_deleted_at_once_and_no_others(admin, session_id):
    other, kept = (services.start_session().session_id for _ in range(2))
    answer = delete_many(admin, [session_id, other])
    assert answer.status_code == 200
    assert "Successfully deleted 2 wheel sessions" in answer.content.decode()
    assert_gone(session_id)
    assert_gone(other)
    assert services.get_session(session_id=kept)


def test_the_delete_action_asks_first(admin, session_id):
    data = {"action": "delete_selected", "_selected_action": [session_id]}
    assert "Are you sure" in admin.post(LIST_URL, data).content.decode()
    assert services.get_session(session_id=session_id)


@pytest.mark.parametrize(
    "delete", [delete_one, lambda c, i: delete_many(c, [i])], ids=["one", "many"]
)
def test_a_session_that_has_gone_meanwhile_is_no_error(admin, session_id, wheel_runtime, delete):
    wheel_runtime.store.delete(wheel_runtime.store.read(session_id))
    assert delete(admin, session_id).status_code == 200
    assert SessionIndexEntry.objects.count() == 0


@pytest.mark.parametrize(
    "delete", [delete_one, lambda c, i: delete_many(c, [i])], ids=["one", "many"]
)
def test_a_store_that_is_down_is_reported_and_nothing_is_deleted(admin, session_id, delete):
    with store_down():
        answer = delete(admin, session_id)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert DOWN in page
    assert "uccessfully" not in page
    assert services.get_session(session_id=session_id)
    assert SessionIndexEntry.objects.count() == 1
    assert not LogEntry.objects.exists()


def test_the_log_names_the_user_and_holds_no_text(admin, session_id, superuser):
    delete_one(admin, session_id)
    record = LogEntry.objects.get()
    assert record.user == superuser
    assert record.object_repr == session_id
    assert "cat" not in record.change_message


@pytest.mark.parametrize(
    "delete", [delete_one, lambda c, i: delete_many(c, [i])], ids=["one", "many"]
)
@pytest.mark.parametrize("is_in_store", [True, False])
def test_a_session_that_is_deleted_leaves_its_class(
    teachers_client, member, wheel_runtime, delete, is_in_store
):
    session_id = str(member.session_id)
    question = teachers_client.get(f"{LIST_URL}{session_id}/delete/").content.decode()
    assert f"{member.pseudonym} leaves the class" in question
    if not is_in_store:
        wheel_runtime.store.delete(wheel_runtime.store.read(session_id))
    delete(teachers_client, session_id)
    assert_gone(session_id)
    assert not Member.objects.exists()
