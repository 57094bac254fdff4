"""GET /classrooms/<id>/sheet."""

import re

import pytest
from django.test import Client

from tests.admin.conftest import logged_in
from wheel.models import Classroom
from wheel.pages.qr_code import qr_svg
from wheel.services.teachers import create_teacher


@pytest.fixture
def teacher(db):
    return create_teacher(username="teacher", password="chalk and board")


@pytest.fixture
def classroom(teacher):
    return Classroom.objects.create(
        owner=teacher, title="4b", code="ABC234", question="Will we all get the same story?"
    )


def test_the_sheet_shows_code_address_question_and_qr_code(wheel_runtime, teacher, classroom):
    page = logged_in(teacher).get(f"/classrooms/{classroom.pk}/sheet").content.decode()
    assert "Will we all get the same story?" in page
    assert ">ABC234</p>" in page
    assert '<a href="http://testserver/join?code=ABC234">testserver/join</a>' in page
    assert qr_svg("http://testserver/join?code=ABC234") in page
    assert "look for" not in page


def test_the_join_link_of_the_sheet_fills_in_the_code(wheel_runtime, classroom):
    assert 'value="ABC234"' in Client().get("/join?code=ABC234").content.decode()


def test_without_a_login_the_sheet_asks_for_one(wheel_runtime, classroom):
    answer = Client().get(f"/classrooms/{classroom.pk}/sheet")
    assert answer.status_code == 302
    assert answer["Location"] == f"/admin/login/?next=/classrooms/{classroom.pk}/sheet"


def without_hidden_fields(answer):
    """The page without the address and the token in the form of the language menu."""
    return re.sub(r'<input type="hidden"[^>]*>', "", answer.content.decode())


def test_the_sheet_of_another_teacher_is_as_one_that_does_not_exist(wheel_runtime, classroom):
    client = logged_in(create_teacher(username="colleague", password="board and chalk"))
    answers = [client.get(f"/classrooms/{pk}/sheet") for pk in (classroom.pk, 12345, 10**30)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({without_hidden_fields(answer) for answer in answers}) == 1
