"""The admin list of live sessions."""

import pytest
from django.test import Client

from tests.admin.conftest import LIST_URL
from tests.api.fakes import store_down, store_later
from wheel import services
from wheel.models import Classroom, SessionIndexEntry
from wheel.services import classrooms


def shown(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize("path", ["/admin/", LIST_URL, LIST_URL + "x/change/"])
def test_the_pages_of_sessions_need_a_login(wheel_runtime, db, path):
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_a_login_that_is_not_a_teachers_sees_nothing(wheel_runtime, session_id, django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_user("student"))
    assert client.get(LIST_URL).status_code == 302


def test_a_live_session_is_listed_with_its_model_and_times(admin, session_id):
    page = shown(admin.get(LIST_URL))
    entry = SessionIndexEntry.objects.get()
    assert session_id in page
    assert ">gpt2<" in page
    for column in ("session_id", "model_id", "member", "created_at", "last_seen", "num_tokens"):
        assert f"field-{column}" in page
    assert str(entry.created_at.year) in page


def test_the_number_of_tokens_is_brought_up_to_date_when_the_list_is_opened(admin, session_id):
    num_tokens = services.get_session(session_id=session_id).session.num_tokens
    for u in (0.1, 0.5, 0.9):
        services.spin(session_id=session_id, u=u)
    assert SessionIndexEntry.objects.get().num_tokens != num_tokens + 3
    page = shown(admin.get(LIST_URL))
    assert f'<td class="field-num_tokens">{num_tokens + 3}</td>' in page


def test_the_last_use_is_brought_up_to_date_when_the_list_is_opened(admin, session_id):
    before = SessionIndexEntry.objects.get().last_seen
    services.spin(session_id=session_id)
    admin.get(LIST_URL)
    assert SessionIndexEntry.objects.get().last_seen > before


def test_the_list_does_not_prolong_a_session(admin, session_id):
    with store_later(minutes=50):
        admin.get(LIST_URL)
    with store_later(minutes=62):
        assert session_id not in shown(admin.get(LIST_URL))


@pytest.mark.parametrize("how", ["deleted", "expired"])
def test_a_session_that_is_gone_disappears_from_the_list(admin, session_id, wheel_runtime, how):
    if how == "deleted":
        wheel_runtime.store.delete(wheel_runtime.store.read(session_id))
        page = shown(admin.get(LIST_URL))
    else:
        with store_later(minutes=62):
            page = shown(admin.get(LIST_URL))
    assert session_id not in page
    assert SessionIndexEntry.objects.count() == 0


def test_a_store_that_is_down_is_reported_and_the_list_stays(admin, session_id):
    with store_down():
        page = shown(admin.get(LIST_URL))
    assert "The place where sessions are kept does not answer" in page
    assert session_id in page
    assert SessionIndexEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("?q={id}", True),
        ("?q=abcdefgh", False),
        ("?model_id=gpt2", True),
        ("?model_id=gpt2-medium", False),
        ("?o=-6.1", True),
        ("?created_at__year=1999", False),
    ],
)
def test_the_list_of_sessions_can_be_searched_filtered_and_sorted(
    admin, session_id, query, is_found
):
    page = shown(admin.get(LIST_URL + query.format(id=session_id)))
    assert (f">{session_id}</a>" in page) == is_found


def test_sessions_cannot_be_added(admin):
    assert admin.get(LIST_URL + "add/").status_code == 403
    assert LIST_URL + "add/" not in shown(admin.get(LIST_URL))


def test_the_index_of_sessions_holds_no_text(admin, session_id):
    services.spin(session_id=session_id)
    admin.get(LIST_URL)
    row = SessionIndexEntry.objects.values().get()
    assert set(row) == {
        "session_id",
        "model_id",
        "member_id",
        "created_at",
        "last_seen",
        "num_tokens",
    }
    assert not any("cat" in str(value) for value in row.values())


def test_many_sessions_are_brought_up_to_date_in_few_queries(
    admin, session_id, django_assert_max_num_queries
):
    for number in range(20):
        code = Classroom.objects.create(title=f"class {number}").code
        classrooms.join_classroom(code=code)
    with django_assert_max_num_queries(25):
        assert "21 wheel sessions" in shown(admin.get(LIST_URL))
