"""The branches of a story: nothing is lost, nothing is doubled, and every way can be gone back to.

A record has a time of its own, so that equal tokens of different draws are told apart.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import wheel_of
from wheel.domain import story_branches
from wheel.domain.chosen_token import ChosenToken
from wheel.domain.spin import Spin
from wheel.domain.story_branches import (
    MAX_LEFT_BRANCHES,
    NO_BRANCHES,
    begins_with,
    num_left_steps,
    num_shared_tokens,
)
from wheel.domain.wheel_session import KeyedRequest, WheelSession
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS
from wheel.errors import BranchNotFoundError, InvalidInputError
from wheel.sessions.document import session_from_json, session_to_json

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
WHEEL = wheel_of(0.5, 0.375, 0.125)
NEW = WheelSession(
    session_id="11111111-2222-4333-8444-555555555555",
    model_id="gpt2",
    created_at=NOON,
    last_accessed=NOON,
    prompt_token_ids=(1, 2),
)


def drawn(token_id, number=0):
    """The draw of a token; `number` tells it apart from others."""
    spin = Spin.at(WHEEL, (0.25, 0.75, 0.95)[token_id])
    assert spin.token_id == token_id
    return ChosenToken.from_wheel(
        WHEEL,
        token_id,
        raw_prob=0.25,
        settings=NEUTRAL_SETTINGS,
        selected_at=NOON + timedelta(seconds=number),
        spin=spin,
    )


def with_tokens(session, *token_ids):
    for token_id in token_ids:
        session = session.with_token(drawn(token_id, session.rev))
    return session


def ids(steps):
    return tuple(step.token_id for step in steps)


def left_ids(session):
    return {branch.number: ids(branch.steps) for branch in session.branches.left}


def test_a_story_that_never_parted_has_one_branch_its_own():
    story = with_tokens(NEW, 0, 1)
    assert story.branches == NO_BRANCHES
    (own,) = story.all_branches
    assert (own.number, own.steps) == (1, story.history)


def test_what_was_taken_back_becomes_a_branch_when_the_story_goes_another_way():
    story = with_tokens(NEW, 0, 1, 2)
    parted = with_tokens(story.rewound_to(1), 0)
    assert left_ids(parted) == {1: (0, 1, 2)}
    assert parted.branches.left[0].steps == story.history
    assert parted.branches.current_number == 2
    assert (parted.undone, parted.rev) == ((), story.rev + 2)


def test_a_rewind_and_a_redo_leave_no_branch():
    story = with_tokens(NEW, 0, 1, 2).rewound_to(0).with_token_redone()
    assert story.branches == NO_BRANCHES
    assert ids(story.way) == (0, 1, 2)


def test_going_back_to_a_branch_swaps_it_with_the_way_that_is_left():
    parted = with_tokens(with_tokens(NEW, 0, 1, 2).rewound_to(1), 0, 0)
    back = parted.with_branch_restored(1)
    assert ids(back.history) == (0, 1, 2)
    assert left_ids(back) == {2: (0, 0, 0)}
    assert back.branches.current_number == 1
    assert (back.rev, back.num_draws) == (parted.rev + 1, parted.num_draws)
    assert back.with_branch_restored(2).history == parted.history


def test_a_way_that_is_left_keeps_what_could_be_redone():
    parted = with_tokens(with_tokens(NEW, 0, 1, 2).rewound_to(1), 0, 0, 1)
    back = parted.rewound_to(2).with_branch_restored(1)
    assert back.undone == ()
    assert left_ids(back) == {2: (0, 0, 0, 1)}


def test_the_branch_that_the_story_is_on_brings_back_what_can_be_redone():
    parted = with_tokens(with_tokens(NEW, 0, 1).rewound_to(0), 1, 2)
    undone = parted.rewound_to(0)
    assert undone.with_branch_restored(2).history == parted.history
    assert undone.with_branch_restored(2).rev == undone.rev + 1


def test_going_back_to_the_branch_where_the_story_is_changes_nothing():
    parted = with_tokens(with_tokens(NEW, 0, 1).rewound_to(0), 1)
    assert parted.with_branch_restored(2) is parted


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_branch_that_does_not_exist_cannot_be_gone_back_to(number):
    parted = with_tokens(with_tokens(NEW, 0, 1).rewound_to(0), 1)
    with pytest.raises(BranchNotFoundError, match=f"no branch {number}"):
        parted.with_branch_restored(number)


def test_a_new_prompt_clears_the_branches():
    parted = with_tokens(with_tokens(NEW, 0, 1).rewound_to(0), 1)
    assert parted.with_prompt((1,)).branches == NO_BRANCHES


def test_the_same_token_again_is_no_other_way():
    again = with_tokens(with_tokens(NEW, 0).without_last_token(), 0)
    assert again.branches == NO_BRANCHES


def test_a_branch_is_dropped_when_the_story_has_its_text_again():
    story = with_tokens(NEW, 0, 1)
    again = with_tokens(story.rewound_to(0), 0)
    assert left_ids(again) == {1: (0, 1)}
    again = with_tokens(again, 1)
    assert left_ids(again) == {}
    assert again.history != story.history


def test_the_records_of_a_branch_are_its_own_although_the_story_has_the_same_tokens():
    story = with_tokens(NEW, 0, 1)
    again = with_tokens(story.rewound_to(0), 0)
    assert again.history != story.history[:1]
    assert again.with_branch_restored(1).history == story.history


def test_a_beginning_of_another_way_is_no_branch_when_it_is_left():
    story = with_tokens(with_tokens(NEW, 0, 1).rewound_to(0), 0)
    assert left_ids(story.with_branch_restored(1)) == {}


def test_a_change_before_a_restored_branch_is_taken_back_with_its_key():
    keyed = with_tokens(NEW, 0, 1).rewound_to(1).with_token(drawn(2), KeyedRequest("k", ""))
    back = keyed.with_branch_restored(1)
    last = back.recent_changes[-1]
    assert (last.num_kept, last.removed) == (1, keyed.history[1:])


operations = st.tuples(
    st.sampled_from(["token"] * 4 + ["undo", "rewind", "rewind", "redo", "restore", "restore"]),
    st.integers(0, 10**6),
)


def changed(session, name, number):
    """The session after this change. Raises `InvalidInputError` if it is not possible."""
    match name:
        case "token":
            return session.with_token(drawn(number % 2, session.rev))
        case "undo":
            return session.without_last_token()
        case "rewind":
            return session.rewound_to(number % max(1, len(session.history)))
        case "redo":
            return session.with_token_redone()
    branches = session.all_branches
    return session.with_branch_restored(branches[number % len(branches)].number)


def states_of(steps):
    """Every state of a session that these changes are made to, where they are possible."""
    states = [NEW]
    for name, number in steps:
        try:
            states.append(changed(states[-1], name, number))
        except InvalidInputError:
            continue
    return states


stories = st.lists(operations, max_size=60).map(states_of)


@given(stories)
def test_no_text_that_the_story_has_had_is_lost(states):
    texts = set()
    for state in states:
        texts.add(ids(state.history))
        ways = [ids(branch.steps) for branch in state.all_branches]
        assert all(any(way[: len(text)] == text for way in ways) for text in texts)


@given(stories)
def test_no_way_is_there_twice_or_as_the_beginning_of_another(states):
    for state in states:
        left = [branch.steps for branch in state.branches.left]
        for idx, steps in enumerate(left):
            others = [state.way, *left[:idx], *left[idx + 1 :]]
            assert not any(ids(other)[: len(steps)] == ids(steps) for other in others)


@given(stories)
def test_every_step_is_a_record_that_was_made_after_the_same_tokens(states):
    made: dict[object, ChosenToken] = {}
    for state in states:
        for step in state.history[-1:]:
            made.setdefault((ids(state.history), step.selected_at), step)
        for branch in state.all_branches:
            for depth, step in enumerate(branch.steps, start=1):
                assert made[ids(branch.steps[:depth]), step.selected_at] == step


@given(stories)
def test_each_branch_keeps_its_number_and_its_steps_while_it_is_left(states):
    for before, after in pairwise(states):
        numbers = [branch.number for branch in after.all_branches]
        assert len(set(numbers)) == len(numbers)
        assert max(numbers) <= after.branches.last_number
        kept = {branch.number: branch.steps for branch in after.branches.left}
        for branch in before.branches.left:
            assert kept.get(branch.number, branch.steps) == branch.steps


@given(stories)
def test_going_back_and_forth_between_two_branches_changes_only_the_revision(states):
    for state in states:
        for branch in state.branches.left:
            away = state.with_branch_restored(branch.number)
            assert away.history == branch.steps
            assert away.undone == ()
            if state.branches.current_number not in [left.number for left in away.branches.left]:
                continue
            back = away.with_branch_restored(state.branches.current_number)
            assert back.history == state.way
            assert set(back.branches.left) == set(state.branches.left)
            assert back.rev == state.rev + 2


@given(stories)
def test_every_change_counts_one_revision(states):
    for before, after in pairwise(states):
        assert after.rev == before.rev + (after.history != before.history)


def test_a_draw_where_a_branch_goes_on_is_no_sample():
    again = with_tokens(with_tokens(NEW, 0, 1).rewound_to(0), 0, 2, 2)
    assert [step.is_sample for step in again.history] == [False, False, True]


@given(stories)
def test_at_each_place_at_most_one_draw_is_a_sample_and_it_is_the_first(states):
    drawn_at: dict[object, list[bool]] = {}
    for before, after in pairwise(states):
        if after.num_draws == before.num_draws:
            continue
        drawn_at.setdefault(ids(before.history), []).append(after.history[-1].is_sample)
    for samples in drawn_at.values():
        assert samples == [True] + [False] * (len(samples) - 1)


@given(stories)
def test_the_document_of_a_story_with_branches_is_decoded_to_the_same_session(states):
    for state in states[-3:]:
        assert session_from_json(session_to_json(state)) == state


@given(stories)
def test_steps_that_branches_have_in_common_are_counted_once(states):
    state = states[-1]
    way = state.way
    current = {way[:depth] for depth in range(len(way) + 1)}
    beginnings = {
        branch.steps[:depth]
        for branch in state.branches.left
        for depth in range(1, len(branch.steps) + 1)
    }
    assert num_left_steps(way, state.branches.left) == len(beginnings - current)


@given(stories)
def test_shared_tokens_are_those_before_the_first_difference(states):
    for branch in states[-1].branches.left:
        first, second = ids(branch.steps), ids(states[-1].way)
        num = num_shared_tokens(branch.steps, states[-1].way)
        assert first[:num] == second[:num]
        assert first[num : num + 1] != second[num : num + 1]
        assert begins_with(branch.steps, states[-1].way[:num])


def test_of_too_many_branches_the_first_ones_are_dropped():
    story = with_tokens(NEW, *[0] * 40)
    for num_kept in range(39, 6, -1):  # 33 times another way, each a token earlier
        story = with_tokens(story.rewound_to(num_kept), 1)
    numbers = [branch.number for branch in story.branches.left]
    assert numbers == list(range(4, 34))
    assert len(numbers) == MAX_LEFT_BRANCHES
    assert story.branches.forgotten_len == 40


@given(st.lists(operations, max_size=60))
def test_limits_hold_and_the_statistics_stay_honest_when_branches_are_dropped(steps):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(story_branches, "MAX_LEFT_BRANCHES", 3)
        patch.setattr(story_branches, "MAX_LEFT_STEPS", 8)
        states = states_of(steps)
    drawn_at: dict[object, list[bool]] = {}
    for before, after in pairwise(states):
        left = after.branches.left
        assert len(left) <= 3
        assert num_left_steps(after.way, left) <= 8
        if after.num_draws > before.num_draws:
            drawn_at.setdefault(ids(before.history), []).append(after.history[-1].is_sample)
    assert all(sum(samples) <= 1 for samples in drawn_at.values())
    assert session_from_json(session_to_json(states[-1])) == states[-1]


def test_the_longest_way_that_was_dropped_is_remembered():
    kept = replace(NO_BRANCHES, forgotten_len=2)
    assert kept.may_go_on_after((drawn(0),))
    assert not kept.may_go_on_after((drawn(0), drawn(1)))
