"""The trie of stories, against brute force over the stories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.story_strategies import chosen, classes, node_of, story
from wheel.domain.story_tree import MemberStory, NodeName, ProbRange, find_node, story_tree


def walk(node, beginning=()):
    """(node, the token ids up to it) for the node and all below it."""
    yield node, beginning
    for child in node.children:
        yield from walk(child, (*beginning, child.token_id))


def ids_of(stories):
    return tuple(sorted(story.member_id for story in stories))


def begins(story, beginning):
    return story.token_ids[: len(beginning)] == beginning


@given(classes())
def test_each_beginning_of_a_story_is_one_node_with_the_members_that_share_it(stories):
    nodes = list(walk(story_tree(stories)))
    beginnings = {
        story.token_ids[:depth] for story in stories for depth in range(len(story.steps) + 1)
    }
    assert sorted(beginning for _, beginning in nodes) == sorted(beginnings | {()})
    for node, beginning in nodes:
        assert node.depth == len(beginning)
        assert node.member_ids == ids_of(s for s in stories if begins(s, beginning))
        assert node.num_members == len(node.member_ids)
        assert node.ended_ids == ids_of(s for s in stories if s.token_ids == beginning)


@given(classes())
def test_children_come_by_members_then_by_probability_then_by_token_id(stories):
    for node, _ in walk(story_tree(stories)):
        keys = [
            (-child.num_members, -max(step.prob for step in child.steps), child.token_id)
            for child in node.children
        ]
        assert keys == sorted(keys)


@given(classes())
def test_the_ranges_of_probabilities_are_those_of_the_records(stories):
    for node, beginning in walk(story_tree(stories)):
        if not beginning:
            assert node.prob_range is node.raw_prob_range is None
            continue
        records = [s.steps[node.depth - 1] for s in stories if begins(s, beginning)]
        probs = [record.prob for record in records]
        raw_probs = [record.raw_prob for record in records if record.raw_prob is not None]
        assert node.prob_range == ProbRange(min(probs), max(probs))
        assert node.raw_prob_range == (
            ProbRange(min(raw_probs), max(raw_probs)) if raw_probs else None
        )


@given(classes(), st.randoms(use_true_random=False))
def test_the_order_of_the_members_does_not_matter(stories, generator):
    shuffled = generator.sample(stories, len(stories))
    one, other = (
        [(beginning, node.member_ids) for node, beginning in walk(story_tree(order))]
        for order in (stories, shuffled)
    )
    assert one == other


@given(classes())
def test_a_node_is_found_by_the_name_of_any_of_its_members(stories):
    root = story_tree(stories)
    for node, _ in walk(root):
        for member_id in node.member_ids:
            found = node_of(root, member_id, node.depth)
            assert (found.depth, found.member_ids) == (node.depth, node.member_ids)
            assert found.token_id == node.token_id
        if node.member_ids:
            assert node.name == NodeName(min(node.member_ids), node.depth)


@pytest.mark.parametrize("name", [NodeName(3, 0), NodeName(1, 3), NodeName(2, 2), NodeName(1, -1)])
def test_a_name_without_a_member_or_a_token_finds_nothing(name):
    assert find_node(story_tree([story(1, 5, 6), story(2, 5)]), name) is None


def test_a_name_above_the_node_that_is_searched_finds_nothing():
    node = node_of(story_tree([story(1, 5, 6), story(2, 5)]), 1, 1)
    assert find_node(node, NodeName(1, 0)) is None
    assert node_of(node, 1, 2).token_id == 6


def test_a_node_is_a_fork_where_stories_part_or_some_of_them_end():
    root = story_tree([story(1, 5, 6), story(2, 5, 7), story(3, 5)])
    assert not root.is_fork
    assert root.children[0].is_fork
    assert root.children[0].children[0].is_fork  # the only story ends


def test_a_class_without_members_is_a_root_alone():
    root = story_tree([])
    assert (root.children, root.member_ids, root.name, root.token_id) == ((), (), None, None)
    assert find_node(root, NodeName(1, 0)) is None


def test_a_likelier_token_comes_first_if_as_many_members_took_it():
    stories = [MemberStory(1, (chosen(4, 0.1),)), MemberStory(2, (chosen(9, 0.3),))]
    assert [child.token_id for child in story_tree(stories).children] == [9, 4]
