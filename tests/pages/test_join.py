"""GET and POST /join."""

import pytest
from django.test import Client

from tests.api.fakes import store_down
from wheel import services
from wheel.models import Classroom, ClassState, SessionIndexEntry

NO_CLASS = "There is no open class with this code."


@pytest.fixture
def classroom(visitor):
    return Classroom.objects.create(title="4b", prompt="The cat sat on the", code="ABC234")


@pytest.fixture
def join_page(visitor):
    return visitor.get("/join")


def html_of(response):
    return response.content.decode()


def refused(response, status):
    """The page of a refusal; nothing was created."""
    assert response.status_code == status
    assert not SessionIndexEntry.objects.exists()
    return html_of(response)


@pytest.mark.parametrize("path", ["/", "/join"])
def test_a_code_leads_to_a_wheel_of_ones_own_with_the_sentence_of_the_class(
    visitor, classroom, path
):
    response = visitor.send(visitor.get(path), "/join", follow=False, code="abc-234")
    assert response.status_code == 302
    session_id = response["Location"].removeprefix("/wheel/")
    state = services.get_session(session_id=session_id)
    assert state.current_text == "The cat sat on the"
    assert state.session.classroom_id == classroom.pk
    assert visitor.get(response["Location"]).status_code == 200


def test_without_a_sentence_the_wheel_page_asks_for_one(visitor, classroom, join_page):
    Classroom.objects.update(prompt="")
    page = visitor.send(join_page, "/join", code="ABC234")
    assert page.status_code == 200
    assert "There is no text yet" in html_of(page)
    assert visitor.send(page, "/prompt", prompt="The dog").status_code == 200


@pytest.mark.parametrize("path", ["/", "/join"])
def test_a_wrong_code_is_told_beside_the_field_and_kept(visitor, classroom, path):
    page = visitor.send(visitor.get(path), "/join", code="XYZ234")
    html = refused(page, 404)
    assert NO_CLASS in html
    assert 'aria-describedby="id_code_helptext id_code_error"' in html
    assert visitor.form(page, "/join")["fields"]["code"] == "XYZ234"


def test_a_closed_class_cannot_be_joined_and_is_told_alike(visitor, classroom, join_page):
    Classroom.objects.update(state=ClassState.CLOSED)
    assert NO_CLASS in refused(visitor.send(join_page, "/join", code="ABC234"), 404)


def test_after_a_wrong_code_the_right_one_can_be_sent_from_the_same_page(
    visitor, classroom, join_page
):
    page = visitor.send(join_page, "/join", code="XYZ234")
    assert visitor.send(page, "/join", code="ABC234").status_code == 200
    assert SessionIndexEntry.objects.count() == 1


@pytest.mark.parametrize("code", ["", "  "])
def test_a_missing_code_is_told_beside_the_field(visitor, join_page, code):
    html = refused(visitor.send(join_page, "/join", code=code), 400)
    assert "Type the code that your teacher gives you." in html


@pytest.mark.parametrize(("code", "status"), [("A\0", 400), ("A" * 10_000, 404), ("ＡＢＣ", 404)])
def test_a_code_that_cannot_be_one_is_refused(visitor, join_page, code, status):
    refused(visitor.send(join_page, "/join", code=code), status)


def test_a_link_with_the_code_fills_it_in_and_does_not_join_by_itself(visitor, classroom):
    page = visitor.get("/join", {"code": "ABC234"})
    assert refused(page, 200)
    assert visitor.form(page, "/join")["fields"]["code"] == "ABC234"
    assert visitor.send(page, "/join", follow=False).status_code == 302


def test_a_link_cannot_bring_html_along(visitor):
    html = html_of(visitor.get("/join", {"code": '"><script>alert(1)</script>'}))
    assert "<script>alert" not in html


def test_a_model_that_is_not_here_answers_503_with_what_to_run(visitor, classroom, join_page):
    Classroom.objects.update(model_id="gpt2-medium")
    response = visitor.send(join_page, "/join", code="ABC234")
    assert "download_models gpt2-medium" in refused(response, 503)
    assert response["Retry-After"] == "5"


def test_a_store_that_is_down_is_told_beside_the_field(visitor, classroom, join_page):
    with store_down():
        response = visitor.send(join_page, "/join", code="ABC234")
    assert "The place where the texts are kept does not answer" in refused(response, 503)
    assert visitor.form(response, "/join")["fields"]["code"] == "ABC234"


def test_joining_needs_the_csrf_token(classroom):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/join", {"code": "ABC234"}).status_code == 403


def test_the_join_page_is_never_kept_by_a_cache(join_page):
    assert "no-store" in join_page["Cache-Control"]


def test_the_join_page_refuses_methods_other_than_get_head_and_post(visitor):
    assert visitor.delete("/join").status_code == 405
