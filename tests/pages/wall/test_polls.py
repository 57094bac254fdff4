"""Polls of the wall: 304 while nothing has changed, else the part that changes."""

from datetime import timedelta

import pytest

from tests.api.fakes import store_down
from tests.pages.wall.world import html_of, join, live_part, tell
from wheel import services
from wheel.errors import EngineBusyError
from wheel.models import Classroom, ClassState
from wheel.services import classrooms

pytestmark = pytest.mark.usefixtures("frozen_minute")


def test_a_poll_without_a_change_is_answered_with_304_and_nothing(wall, classroom):
    join(classroom, " sat")
    etag = wall.poll()["ETag"]
    response = wall.poll(etag)
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == etag


def test_the_etag_is_in_the_page_for_its_script(wall, classroom):
    page = live_part(wall.show())
    assert wall.poll(page.attributes["data-etag"]).status_code == 304


def test_an_etag_that_a_proxy_has_made_weak_is_known(wall):
    assert wall.poll("W/" + wall.poll()["ETag"]).status_code == 304


def test_304_takes_one_query_of_the_class_and_no_session(
    wall, classroom, django_assert_num_queries
):
    join(classroom)
    etag = wall.poll()["ETag"]
    with store_down(), django_assert_num_queries(5) as queries:  # login and rights take four
        assert wall.poll(etag).status_code == 304
    assert "wheel_classroom" in queries[-1]["sql"]


def test_a_page_without_the_script_is_always_a_page(wall):
    etag = wall.show()["ETag"]
    response = wall.get(wall.address(), headers={"If-None-Match": etag})
    assert response.status_code == 200


def test_a_poll_is_answered_with_the_part_that_changes(wall):
    html = html_of(wall.poll())
    assert html.lstrip().startswith('<div id="wall-live"')
    assert "<html" not in html


CHANGES = {
    "a member joins": join,
    "a virtual member joins": lambda classroom: join(classroom, is_virtual=True),
    "a member's text grows": lambda classroom: tell(classroom.members.first(), " sat"),
    "a story is hidden": lambda classroom: classrooms.set_story_hidden(
        classroom, classroom.members.get().pk, is_hidden=True
    ),
    "a story is held": lambda classroom: classrooms.hold_stories(
        classroom, [classroom.members.get().pk]
    ),
    "the class is frozen": lambda classroom: classrooms.set_state(classroom, ClassState.FROZEN),
    "everyone spins": lambda classroom: classrooms.spin_everyone(classroom, 1),
    "the title is changed in the admin": lambda _: Classroom.objects.update(title="5b"),
    "the question is changed in the admin": lambda _: Classroom.objects.update(question="Why?"),
    "a setting is changed in the admin": lambda _: Classroom.objects.update(temperature=2.0),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_poll_after_a_change_is_answered_with_the_wall(wall, classroom, change):
    join(classroom)
    etag = wall.poll()["ETag"]
    change(classroom)
    response = wall.poll(etag)
    assert response.status_code == 200
    assert wall.poll(response["ETag"]).status_code == 304


def test_every_minute_the_wall_is_read_again(wall, frozen_minute):
    etag = wall.poll()["ETag"]
    frozen_minute.now += timedelta(seconds=39)
    assert wall.poll(etag).status_code == 304
    frozen_minute.now += timedelta(seconds=1)
    assert wall.poll(etag).status_code == 200


@pytest.mark.parametrize("query", ["?order=surprise", "?join=line", "?unfolded=on", "?fork=1.1"])
def test_each_view_has_an_etag_of_its_own(wall, query):
    etag = wall.poll()["ETag"]
    response = wall.poll(etag, query)
    assert response.status_code == 200
    assert wall.poll(response["ETag"], query).status_code == 304


def test_a_store_that_is_down_is_told_to_the_page_and_to_a_poll(wall, classroom):
    join(classroom)
    with store_down():
        page, poll = wall.get(wall.address()), wall.poll()
    assert (page.status_code, poll.status_code) == (503, 503)
    assert "The place where the texts are kept does not answer" in html_of(page)
    assert wall.show().status_code == 200


def test_a_wheel_that_could_not_be_computed_is_tried_again_by_the_next_poll(
    wall, classroom, monkeypatch
):
    join(classroom, " sat")

    def refuse(**_):
        raise EngineBusyError

    with monkeypatch.context() as busy:
        busy.setattr(services, "wheel_after", refuse)
        response = wall.poll()
        assert "pooled-obstacle" in html_of(response)
        assert "ETag" not in response
        assert live_part(response).attributes["data-etag"] == ""
    response = wall.poll()
    assert "pooled-obstacle" not in html_of(response)
    assert wall.poll(response["ETag"]).status_code == 304
