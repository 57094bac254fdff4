"""The view state of the wall in its address."""

import pytest
from django.http import QueryDict

from tests.pages.wall.world import join
from wheel.domain.story_tree import NodeName
from wheel.pages.wall.view_state import JoinSize, Order, ViewState
from wheel.services.classrooms import load_stories, set_story_hidden

FULL = ViewState(
    fork=NodeName(3, 2),
    root=NodeName(4, 0),
    follow=5,
    is_unfolded=True,
    order=Order.SURPRISE,
    join=JoinSize.LINE,
)


def read(query):
    return ViewState.from_query(QueryDict(query.removeprefix("?")).dict())


@pytest.mark.parametrize("view", [FULL, ViewState()])
def test_a_view_is_read_from_its_own_address(view):
    assert read(view.query) == view


def test_the_plain_view_has_an_empty_query():
    assert ViewState().query == "?"


@pytest.mark.parametrize(
    "query",
    [
        "fork=",
        "fork=3",
        "fork=3.",
        "fork=-3.1",
        "fork=3.1.1",
        "fork=0.1",
        "fork=３.１",
        "fork=3.1%0A",
        "fork=9999999999999999999.1",
        "follow=x",
        "unfolded=1",
        "order=oldest",
        "join=huge",
        "nonsense=1",
    ],
)
def test_a_value_that_cannot_be_read_is_left_out(query):
    assert read(query) == ViewState()


def test_a_fork_that_is_gone_falls_back_to_the_prompt(classroom):
    member = join(classroom, " sat on")
    stories = load_stories(classroom)
    there = ViewState(fork=NodeName(member.pk, 2), root=NodeName(member.pk, 1), follow=member.pk)
    assert there.existing(stories) == there
    assert ViewState(fork=NodeName(member.pk, 3)).existing(stories) == ViewState()
    gone = member.pk + 1
    view = ViewState(fork=NodeName(gone, 0), root=NodeName(gone, 0), follow=gone)
    assert view.existing(stories) == ViewState()


def test_a_fork_in_a_hidden_story_falls_back_to_the_prompt(classroom):
    member = join(classroom, " sat on")
    set_story_hidden(classroom, member.pk, is_hidden=True)
    view = ViewState(fork=NodeName(member.pk, 1), follow=member.pk)
    assert view.existing(load_stories(classroom)) == ViewState()
