"""The lesson of a class on its members' pages, and the half of the class that a member is in."""

import pytest

from tests.pages.classes import join, make_classroom
from tests.pages.markup import find_all, find_one
from wheel import services
from wheel.models import Classroom, Member
from wheel.pages.lessons.course import COURSE

OWN_SESSION = {"counting-model"}  # lessons that make a session of their own


def card_of(visitor, session_id):
    return find_one(
        visitor.get(f"/wheel/{session_id}").content.decode(), "section", id="class-card"
    )


def lesson_link(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    return [link.attributes["href"] for link in find_all(html, "a", with_class="class-lesson")]


@pytest.mark.parametrize("page", COURSE, ids=lambda page: page.lesson.key)
def test_the_page_of_a_member_links_to_the_lesson_on_its_own_session(visitor, page):
    key = page.lesson.key
    session_id = join(make_classroom(lesson=key))
    [href] = lesson_link(visitor, session_id)
    is_on_it = page.lesson.is_on_session and key not in OWN_SESSION
    assert href == (f"/lessons/{key}/{session_id}" if is_on_it else f"/lessons/{key}")
    answer = visitor.get(href)
    assert answer.status_code == 200
    assert str(page.lesson.title) in answer.content.decode()


@pytest.mark.parametrize("key", ["", "a-lesson-of-a-later-version"])
def test_without_a_lesson_that_the_server_has_there_is_no_link(visitor, key):
    assert lesson_link(visitor, join(make_classroom(lesson=key))) == []


def test_a_session_without_a_class_has_no_link(visitor, session_id):
    assert lesson_link(visitor, session_id) == []


def test_the_page_says_which_half_a_member_is_in(visitor):
    classroom = make_classroom(other_prompt="The dog sat on the")
    cards = [card_of(visitor, join(classroom)).text for _ in range(3)]
    assert ["first text" in card for card in cards] == [True, False, True]
    assert ["second text" in card for card in cards] == [False, True, False]


def test_in_a_class_with_one_prompt_there_are_no_halves(visitor):
    assert "half" not in card_of(visitor, join(make_classroom())).text.lower()


def rules_of(visitor, session_id):
    return visitor.get(f"/wheel/{session_id}/class").json()["rules"]


@pytest.mark.parametrize("change", [{"lesson": "filters"}, {"other_prompt": "The dog"}])
def test_an_open_page_learns_that_the_lesson_or_the_number_of_texts_has_changed(visitor, change):
    session_id = join(make_classroom())
    before = rules_of(visitor, session_id)
    Classroom.objects.update(**change)
    assert rules_of(visitor, session_id) != before


def test_a_member_who_leaves_is_replaced_in_its_half(visitor):
    classroom = make_classroom(other_prompt="The dog sat on the")
    session_ids = [join(classroom) for _ in range(4)]
    services.delete_session(session_id=session_ids[1])
    services.delete_session(session_id=session_ids[3])
    joined = [join(classroom) for _ in range(2)]
    halves = Member.objects.filter(session_id__in=joined).values_list("half", flat=True)
    assert list(halves) == [2, 2]
