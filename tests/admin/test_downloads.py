"""Exports of chosen sessions and of whole classes from the admin."""

import csv
import io
import json

import pytest
from django.contrib.admin.models import LogEntry

from tests.admin.conftest import CLASSES_URL, LIST_URL
from tests.api.fakes import changed_runtime, store_down
from wheel import services
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.models import Classroom
from wheel.pages.exports.documents import session_document
from wheel.pages.exports.tables import session_csv, unguarded
from wheel.services import classrooms


def export(client, url, extension, *rows, **options):
    data = {"action": f"export_{extension}", "_selected_action": [row.pk for row in rows]}
    return client.post(url, data, **options)


def rows_of(answer):
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def second_member(classroom):
    member = classrooms.join_classroom(code=classroom.code).member
    services.spin(session_id=str(member.session_id), u=0.7)
    return member


def test_a_table_of_a_class_has_a_row_for_every_spin_of_its_members(
    teachers_client, classroom, member, second_member, session_id
):
    services.spin(session_id=session_id, u=0.1)  # not of this class
    answer = export(teachers_client, CLASSES_URL, "csv", classroom)
    rows = rows_of(answer)
    assert answer["Content-Disposition"].startswith('attachment; filename="token-wheel-')
    assert [row["pseudonym"] for row in rows] == [member.pseudonym] * 2 + [second_member.pseudonym]
    assert {row["classroom"] for row in rows} == {"4b"}
    assert {row["prompt"] for row in rows} == {"The cat"}
    assert [row["step"] for row in rows] == ["1", "2", "1"]
    assert [float(row["u"]) for row in rows] == [0.3, 0.999999, 0.7]


def test_the_columns_of_a_session_are_those_of_its_own_export(teachers_client, member):
    rows = rows_of(export(teachers_client, LIST_URL, "csv", member.index_entry))
    state = services.inspect_session(session_id=str(member.session_id))
    own = csv.DictReader(io.StringIO(session_csv(state).removeprefix("\ufeff"), newline=""))
    for row, expected in zip(rows, own, strict=True):
        assert expected.items() <= row.items()
        assert (row["session_id"], row["model_name"]) == (str(member.session_id), "gpt2")


def test_a_document_of_a_class_has_every_session_whole(
    teachers_client, classroom, member, second_member
):
    answer = export(teachers_client, CLASSES_URL, "json", classroom)
    document = json.loads(answer.content)
    assert (document["format"], document["version"]) == ("token-wheel-sessions", 1)
    expected = [
        {"classroom": "4b", "pseudonym": one.pseudonym}
        | json.loads(
            json.dumps(session_document(services.inspect_session(session_id=str(one.session_id))))
        )
        for one in (member, second_member)
    ]
    assert document["sessions"] == expected


def test_chosen_sessions_are_exported_and_no_others(teachers_client, member, second_member):
    document = json.loads(
        export(teachers_client, LIST_URL, "json", second_member.index_entry).content
    )
    assert [one["pseudonym"] for one in document["sessions"]] == [second_member.pseudonym]


def test_a_session_without_a_class_has_no_names(admin, session_id):
    services.spin(session_id=session_id, u=0.2)
    entry = type("Row", (), {"pk": session_id})
    (row,) = rows_of(export(admin, LIST_URL, "csv", entry))
    assert (row["classroom"], row["pseudonym"], row["session_id"]) == ("", "", session_id)
    assert unguarded(row["prompt"]).startswith("<b>cat</b>")


def test_titles_cannot_start_a_formula(teachers_client, classroom, member):
    Classroom.objects.update(title="=1+1", prompt="")
    row = rows_of(export(teachers_client, CLASSES_URL, "csv", classroom))[0]
    assert row["classroom"] == "'=1+1"


def test_the_admin_s_log_says_that_texts_were_exported_and_holds_none(
    teachers_client, teacher, classroom, member
):
    export(teachers_client, CLASSES_URL, "csv", classroom)
    export(teachers_client, LIST_URL, "json", member.index_entry)
    records = list(LogEntry.objects.order_by("pk"))
    assert [record.object_id for record in records] == [str(classroom.pk), str(member.session_id)]
    assert {record.user for record in records} == {teacher}
    assert {record.change_message for record in records} == {"Exported the texts."}


def test_a_store_that_is_down_and_a_missing_model_are_reported(
    teachers_client, classroom, member, tmp_path
):
    with store_down():
        answer = export(teachers_client, CLASSES_URL, "csv", classroom, follow=True)
    assert "The place where sessions are kept does not answer" in answer.content.decode()
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        answer = export(teachers_client, CLASSES_URL, "csv", classroom, follow=True)
    assert "download_models gpt2" in answer.content.decode()
    assert not LogEntry.objects.exists()
