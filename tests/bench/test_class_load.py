"""The figures of the load test of a class, and the pages that its bounds are measured on."""

import json
from contextlib import closing

import pytest
from django.test import Client

from bench import class_bounds, class_setting
from bench.class_bounds import TeachersPage, UnexpectedAnswerError, measure, this_minute
from bench.class_load import summary
from bench.locust_run import RequestFigures
from wheel.models import Classroom
from wheel.services import classrooms

ENTRY = """{"name": "spin", "method": "POST", "num_requests": 20, "num_failures": 1,
            "response_times": {"10": 15, "200": 4, "3000.0": 1}}"""


@pytest.fixture
def figures():
    return RequestFigures.of(json.loads(ENTRY))


@pytest.mark.parametrize(("percent", "ms"), [(50, 10), (75, 10), (76, 200), (95, 200), (96, 3000)])
def test_a_percentile_is_the_smallest_time_that_the_share_did_not_exceed(figures, percent, ms):
    assert figures.percentile_ms(percent) == ms


def test_the_summary_has_a_line_for_each_kind_of_request(figures):
    wall = RequestFigures("wall, unchanged", 5, 0, {2.0: 5})
    lines = summary(30, 10, [wall, figures]).splitlines()
    assert lines[0] == "30 members, 10 s: 2.0 spins/s"
    assert lines[2].split() == ["spin", "20", "1", "10", "ms", "200", "ms"]
    assert lines[3].split() == ["wall,", "unchanged", "5", "0", "2", "ms", "2", "ms"]


@pytest.fixture
def prepared(wheel_runtime, db):
    return class_setting.prepare(num_members=3, num_tokens=7)


def test_a_prepared_class_has_members_with_texts_of_their_own(prepared):
    classroom = Classroom.objects.get(pk=prepared.classroom_id, code=prepared.code)
    texts = [story.state.session.token_ids for story in classrooms.load_stories(classroom)]
    assert len({tuple(token_ids) for token_ids in texts}) == 3
    for story in classrooms.load_stories(classroom):
        assert len(story.state.session.history) == 7


def test_an_empty_class_can_be_prepared(wheel_runtime, db):
    prepared = class_setting.prepare(num_members=0, num_tokens=0)
    assert classrooms.load_stories(Classroom.objects.get(pk=prepared.classroom_id)) == []


def test_the_cookie_of_the_teacher_opens_the_wall(prepared):
    url = f"/classrooms/{prepared.classroom_id}/wall"
    assert Client().get(url).status_code == 302
    assert Client(headers={"Cookie": prepared.cookie}).get(url).status_code == 200


@pytest.fixture
def page(live_server, wheel_runtime, db):
    prepared = class_setting.prepare(num_members=2, num_tokens=3)
    port = int(live_server.url.rpartition(":")[2])
    with closing(TeachersPage(port, prepared)) as page:
        yield page


@pytest.mark.slow
def test_every_bound_is_measured_and_everyone_spins_twice(page):
    results = measure(page)
    assert all(seconds > 0 for _, seconds, _ in results)
    assert {bound_s for _, _, bound_s in results} == {0.3, 0.02, 8.0}
    for story in classrooms.load_stories(Classroom.objects.get()):
        assert len(story.state.session.history) == 5


@pytest.mark.slow
def test_another_status_than_the_expected_one_is_an_error(page):
    with pytest.raises(UnexpectedAnswerError, match="200, not 304"):
        page.poll()


@pytest.mark.slow
def test_a_wall_of_the_minute_before_is_loaded_and_asked_for_again(page):
    page.etag, page.minute = "of the minute before", this_minute() - 1
    assert page.poll_s() > 0
    assert page.etag != "of the minute before"


@pytest.mark.slow
def test_a_wall_that_changes_within_a_minute_is_an_error(page, monkeypatch):
    monkeypatch.setattr(class_bounds, "this_minute", lambda: 7)
    page.etag, page.minute = "of another wall", 7
    with pytest.raises(UnexpectedAnswerError, match="200, not 304"):
        page.poll_s()
