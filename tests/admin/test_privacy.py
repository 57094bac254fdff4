"""A student's word is in no table but the store's, no log line and no metric, also after a teacher
has looked at it and exported it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from tests.admin.conftest import CLASSES_URL, LIST_URL, logged_in
from tests.test_privacy import CANARY, SESSION_STORE, assert_absent, log  # noqa: F401 - a fixture
from wheel import services
from wheel.models import Classroom
from wheel.services import classrooms
from wheel.services.teachers import create_teacher


@pytest.fixture
def used_ids(wheel_runtime, db, settings):
    """The ids of a member's session and of a held story, after a teacher's visit to every page."""
    settings.WHEEL_METRICS = True
    teacher = create_teacher(username="teacher", password="chalk and board")
    classroom = Classroom.objects.create(owner=teacher, title="4b", prompt="")
    member = classrooms.join_classroom(code=classroom.code).member
    session_id = str(member.session_id)
    services.set_prompt(session_id=session_id, prompt=f"The {CANARY}")
    services.spin(session_id=session_id, u=0.4)
    classrooms.hold_stories(classroom, [member.pk])
    held_id = str(classroom.held_stories.get().session_id)
    visit(logged_in(teacher), classroom, member)
    return session_id, held_id


def visit(client, classroom, member):
    session, own = f"{LIST_URL}{member.session_id}/", f"{CLASSES_URL}{classroom.pk}/"
    assert client.get(f"{LIST_URL}?q={CANARY}").status_code == 200
    for path in (LIST_URL, CLASSES_URL, f"{session}change/"):
        page = client.get(path)
        assert page.status_code == 200
        assert CANARY not in page.content.decode()
    assert CANARY in client.post(f"{session}text/", follow=True).content.decode()
    for path in (f"{session}wheels/1.svg", f"{session}history/", f"{session}delete/"):
        assert CANARY not in client.get(path).content.decode()
    for path in (f"{own}change/", f"{own}history/", f"{own}delete/"):
        assert CANARY not in client.get(path).content.decode()
    assert client.post(f"{CLASSES_URL}preview/", {"prompt": CANARY}).status_code == 200
    for url, pk in ((LIST_URL, member.session_id), (CLASSES_URL, classroom.pk)):
        for action in ("export_csv", "export_json"):
            file = client.post(url, {"action": action, "_selected_action": [pk]})
            assert CANARY in file.content.decode()
    client.post(f"{session}delete/", {"post": "yes"})
    assert LogEntry.objects.count() == 6


def test_no_table_but_the_session_store_holds_the_text(used_ids):
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - {SESSION_STORE}:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert_absent(str(cursor.fetchall()))


def test_no_log_line_holds_the_text_or_the_id_of_a_session(log, used_ids):  # noqa: F811
    assert "/admin/wheel/sessionindexentry/" in log.getvalue()
    assert_absent(log.getvalue(), used_ids)


def test_no_metric_holds_the_text_or_the_id_of_a_session(used_ids, client):
    assert_absent(client.get("/metrics").content.decode(), used_ids)
