"""The folded view of the tree of stories."""

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.story_strategies import chosen, classes, node_of, story
from wheel.domain.folded_tree import folded_tree
from wheel.domain.story_tree import MemberStory, story_tree

FOLLOWED_ID = 7


def walk(branch):
    yield branch
    for child in branch.children:
        yield from walk(child)


def token_ids(branch):
    return [step.token_id for step in branch.steps]


def outline(branch):
    """(token ids, number of members, members of the stub, children)"""
    stub = branch.stub.member_ids if branch.stub else ()
    return token_ids(branch), branch.num_members, stub, [outline(c) for c in branch.children]


@given(classes(), st.booleans())
def test_no_member_is_lost_at_any_fork(stories, is_unfolded):
    root = story_tree(stories)
    for branch in walk(folded_tree(root, is_unfolded=is_unfolded)):
        after = [
            *branch.end.ended_ids,
            *(branch.stub.member_ids if branch.stub else ()),
            *(member_id for child in branch.children for member_id in child.end.member_ids),
        ]
        assert sorted(after) == list(branch.end.member_ids)


@given(classes(), st.booleans())
def test_each_story_is_spelled_by_its_branches_and_the_rest_is_counted(stories, is_unfolded):
    branches = list(walk(folded_tree(story_tree(stories), is_unfolded=is_unfolded)))
    for one in stories:
        path = [branch for branch in branches if one.member_id in branch.end.member_ids]
        spelled = [token_id for branch in path for token_id in token_ids(branch)]
        assert spelled == list(one.token_ids[: len(spelled)])
        stub = path[-1].stub
        folded = (
            dict(zip(stub.member_ids, stub.num_tokens, strict=True)).get(one.member_id, 0)
            if stub
            else 0
        )
        assert len(spelled) + folded == len(one.token_ids)
        if is_unfolded:
            assert folded == 0


@given(classes())
def test_a_branch_ends_only_where_its_members_part_or_end(stories):
    root_branch = folded_tree(story_tree(stories), is_unfolded=True)
    for branch in walk(root_branch):
        assert len(branch.children) != 1 or branch.end.ended_ids
        assert branch.num_tokens == len(branch.steps)
        assert branch.num_tokens > 0 or branch is root_branch
        assert branch.first.member_ids == branch.end.member_ids
        assert branch.first.depth == branch.start_depth + min(1, branch.num_tokens)


@given(classes())
def test_branches_and_folded_stories_keep_the_order_of_the_children(stories):
    for branch in walk(folded_tree(story_tree(stories))):
        nodes = [child.first for child in branch.children]
        nodes += branch.stub.nodes if branch.stub else ()
        shown = [child.name for child in branch.end.children]
        # single members are last, since the children are ordered by their number of members
        assert [node.name for node in nodes] == shown


@given(classes())
def test_only_branches_of_single_members_are_folded(stories):
    root_branch = folded_tree(story_tree(stories))
    for branch in walk(root_branch):
        assert branch.num_members > 1 or branch is root_branch
        if branch.stub:
            assert all(node.num_members == 1 for node in branch.stub.nodes)
            assert branch.stub.num_members == len(branch.stub.member_ids) > 0


@given(classes())
def test_the_story_of_a_followed_member_is_shown_to_its_end(stories):
    stories = [s for s in stories if s.member_id != FOLLOWED_ID]
    stories.append(story(FOLLOWED_ID, 0, 1, 2, 1))
    branches = list(walk(folded_tree(story_tree(stories), followed_id=FOLLOWED_ID)))
    path = [branch for branch in branches if FOLLOWED_ID in branch.end.member_ids]
    assert [token_id for branch in path for token_id in token_ids(branch)] == [0, 1, 2, 1]
    others = [branch for branch in branches[1:] if branch.num_members == 1 and branch not in path]
    assert not others


@given(classes(), st.data())
def test_the_view_from_a_node_is_that_part_of_the_whole_view(stories, data):
    root = story_tree(stories)
    branches = list(walk(folded_tree(root, is_unfolded=True)))
    branch = data.draw(st.sampled_from(branches))
    part = folded_tree(branch.end, is_unfolded=True)
    assert part.num_tokens == 0
    assert part.end.member_ids == branch.end.member_ids
    assert [outline(child) for child in part.children] == [
        outline(child) for child in branch.children
    ]


def test_common_tokens_are_one_branch_and_lonely_ones_a_stub():
    stories = [
        story(1, 10, 11, 12, 20),
        story(2, 10, 11, 12, 20, 21),
        story(3, 10, 11, 12, 30, 31),
        story(4, 10, 11, 12, 40),
        story(5, 50, 51, 52),
    ]
    root = folded_tree(story_tree(stories))
    assert outline(root) == (
        [],
        5,
        (5,),
        [([10, 11, 12], 4, (3, 4), [([20], 2, (2,), [])])],
    )
    assert [branch.stub.num_tokens for branch in walk(root) if branch.stub] == [
        (3,),
        (2, 1),
        (1,),
    ]


def test_a_single_story_seen_from_its_own_token_is_shown_whole():
    root = story_tree([story(1, 10, 11, 12), story(2, 10, 20, 21)])
    assert outline(folded_tree(node_of(root, 2, 2))) == ([21], 1, (), [])


def test_a_class_of_one_is_one_branch_and_a_class_of_none_an_empty_one():
    assert outline(folded_tree(story_tree([story(1, 10, 11)]))) == ([10, 11], 1, (), [])
    assert outline(folded_tree(story_tree([]))) == ([], 0, (), [])


def test_a_tree_may_have_a_fork_at_each_of_a_thousand_tokens():
    step = chosen(1)
    stories = [MemberStory(idx, (step,) * idx) for idx in range(1200)]
    branch, depth = folded_tree(story_tree(stories)), 0
    while branch.children:
        branch, depth = branch.children[0], depth + 1
    assert depth == 1198
