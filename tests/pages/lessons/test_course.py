"""The list of lessons, and what all lessons have in common."""

import pytest
from django.urls import reverse

from tests.pages.conftest import start_session
from wheel.pages.lessons.course import COURSE
from wheel.pages.lessons.session_lesson import SessionLesson

EVERY_SESSION_LESSON = pytest.mark.parametrize(
    "page",
    [page for page in COURSE if isinstance(page, SessionLesson)],
    ids=lambda page: page.lesson.key,
)
EVERY_SESSION_LESSON_WITH_CHOICES = pytest.mark.parametrize(
    "page",
    [page for page in COURSE if isinstance(page, SessionLesson) and page.lesson.choices],
    ids=lambda page: page.lesson.key,
)


def a_prediction(page):
    """The fields with the first choice."""
    choices = page.lesson.choices
    return {"prediction": choices[0].key} if choices else {}


def test_the_list_has_every_lesson_with_a_link_to_it(visitor):
    html = visitor.get("/lessons").content.decode()
    for page in COURSE:
        assert f'href="{reverse(page.lesson.url_name)}"' in html
        assert str(page.lesson.summary) in html


@EVERY_SESSION_LESSON
def test_a_lesson_begins_with_its_question_and_the_prompt(visitor, page):
    answer = visitor.get(reverse(page.lesson.url_name))
    html = answer.content.decode()
    assert str(page.lesson.question) in html
    assert page.lesson.prompt in html


@EVERY_SESSION_LESSON
def test_an_answer_leads_to_the_experiment_with_what_to_look_for(visitor, page):
    begin = visitor.get(reverse(page.lesson.url_name))
    prediction = a_prediction(page)
    answer = visitor.send(begin, reverse(page.lesson.url_name), **prediction)
    assert answer.status_code == 200
    assert answer.redirect_chain
    html = answer.content.decode()
    assert str(page.lesson.look_for) in html
    assert str(page.lesson.why) in html
    assert "click to open" not in html  # wheels of lessons are pictures


@EVERY_SESSION_LESSON_WITH_CHOICES
def test_no_experiment_is_shown_before_a_prediction(visitor, page):
    begin = visitor.get(reverse(page.lesson.url_name))
    refused = visitor.send(begin, reverse(page.lesson.url_name))
    assert refused.status_code == 400
    assert "Choose an answer first" in refused.content.decode()
    address = reverse(page.lesson.experiment_url_name, args=[start_session()])
    html = visitor.get(address).content.decode()
    assert str(page.lesson.question) in html
    assert str(page.lesson.look_for) not in html


@EVERY_SESSION_LESSON
def test_an_unknown_prediction_is_refused(visitor, page):
    address = reverse(page.lesson.experiment_url_name, args=[start_session()])
    if page.lesson.choices:
        assert visitor.get(address, {"prediction": "nonsense"}).status_code == 400


@EVERY_SESSION_LESSON
def test_a_lesson_of_a_missing_session_is_not_found(visitor, page):
    for session_id in ("00000000-0000-4000-8000-000000000000", "nonsense"):
        address = reverse(page.lesson.experiment_url_name, args=[session_id])
        assert visitor.get(address).status_code == 404


@EVERY_SESSION_LESSON
def test_an_empty_prompt_is_refused_beside_the_field(visitor, page):
    begin = visitor.get(reverse(page.lesson.url_name))
    prediction = a_prediction(page)
    refused = visitor.send(begin, reverse(page.lesson.url_name), prompt=" ", **prediction)
    assert refused.status_code == 400
    assert "Write a few words" in refused.content.decode()
