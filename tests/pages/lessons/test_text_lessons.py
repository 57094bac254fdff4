"""Lessons on any text: what both have in common."""

import re

import pytest
from django.urls import reverse

from tests.api.fakes import engine_that_raises
from wheel.errors import EngineBusyError
from wheel.pages.lessons.course import COURSE
from wheel.pages.lessons.text_lesson import TextLesson

PAGES = [page for page in COURSE if isinstance(page, TextLesson)]
EVERY_TEXT_LESSON = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.lesson.key)
HTMX = {"HX-Request": "true"}


def address(page):
    return reverse(page.lesson.url_name)


def answers(page, **fields):
    return {"prediction": page.lesson.choices[0].key, "text": "The cat sat"} | fields


@EVERY_TEXT_LESSON
def test_a_lesson_asks_before_it_shows_anything(visitor, page):
    html = visitor.get(address(page)).content.decode()
    assert str(page.lesson.question) in html
    assert page.examples[0].text in html
    assert str(page.lesson.look_for) not in html
    assert 'id="experiment"' not in html


@EVERY_TEXT_LESSON
def test_an_answer_leads_to_the_experiment_at_the_same_address(visitor, page):
    begin = visitor.get(address(page))
    answer = visitor.send(begin, address(page), prediction=page.lesson.choices[1].key)
    html = answer.content.decode()
    assert (answer.status_code, answer.redirect_chain) == (200, [])
    assert str(page.lesson.choices[1].text) in html
    assert str(page.lesson.look_for) in html
    assert str(page.lesson.why) in html
    again = visitor.form(answer, address(page))
    assert again["fields"]["text"] == page.examples[0].text
    assert again["fields"]["prediction"] == page.lesson.choices[1].key


@EVERY_TEXT_LESSON
def test_without_a_prediction_the_question_is_asked_again_and_the_text_is_kept(visitor, page):
    begin = visitor.get(address(page))
    refused = visitor.send(begin, address(page), text="my own text")
    assert refused.status_code == 400
    assert "Choose an answer first" in refused.content.decode()
    assert visitor.form(refused, address(page))["fields"]["text"] == "my own text"


@EVERY_TEXT_LESSON
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write or paste a text first."),
        (" \n", "Write or paste a text first."),
        ("a" * 4001, "Your text has 4,001 characters; at most 4,000 fit."),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_beside_the_field(visitor, page, text, sentence):
    refused = visitor.post(address(page), answers(page, text=text))
    assert refused.status_code == 400
    assert sentence in refused.content.decode()
    part = visitor.post(address(page), answers(page, text=text), headers=HTMX)
    assert (part.status_code, part["HX-Retarget"]) == (400, "#problem")
    assert sentence in part.content.decode()
    assert "<html" not in part.content.decode()


@EVERY_TEXT_LESSON
def test_the_longest_text_is_read(visitor, page):
    assert visitor.post(address(page), answers(page, text="🎡" * 4000)).status_code == 200


@EVERY_TEXT_LESSON
def test_a_part_of_the_page_is_the_answer_to_htmx(visitor, page):
    part = visitor.post(address(page), answers(page), headers=HTMX)
    html = part.content.decode()
    assert part.status_code == 200
    assert "<html" not in html
    assert re.search(r'id="problem"[^>]*hx-swap-oob', html)
    assert "announcement" in part["HX-Trigger-After-Swap"]


@EVERY_TEXT_LESSON
def test_an_example_takes_the_place_of_the_text(visitor, page):
    for example in page.examples:
        answer = visitor.post(address(page), answers(page, example=example.key))
        assert answer.status_code == 200
        assert visitor.form(answer, address(page))["fields"]["text"] == example.text
        begin = visitor.get(address(page), {"example": example.key})
        assert visitor.form(begin, address(page))["fields"]["text"] == example.text


@EVERY_TEXT_LESSON
def test_an_unknown_example_or_prediction_is_no_error_of_the_server(visitor, page):
    assert visitor.get(address(page), {"example": "none"}).status_code == 200
    assert visitor.post(address(page), answers(page, example="none")).status_code == 200
    assert visitor.post(address(page), answers(page, prediction="none")).status_code == 400


@EVERY_TEXT_LESSON
def test_a_text_is_shown_and_not_interpreted(visitor, page):
    html = visitor.post(address(page), answers(page, text="<b>x</b> {{ x }}")).content.decode()
    assert "<b>x" not in html


def test_a_busy_engine_has_a_clear_answer_and_keeps_the_text(visitor):
    page = PAGES[0]
    with engine_that_raises(EngineBusyError()):
        answer = visitor.post(address(page), answers(page))
        part = visitor.post(address(page), answers(page), headers=HTMX)
    assert answer.status_code == part.status_code == 503
    assert answer["Retry-After"] == part["Retry-After"] == "2"
    assert "The model is busy" in answer.content.decode()
    assert "The model is busy" in part.content.decode()
    assert part["HX-Retarget"] == "#problem"
    assert visitor.form(answer, address(page))["fields"]["text"] == "The cat sat"
