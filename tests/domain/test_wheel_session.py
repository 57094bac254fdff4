"""Wheel sessions as values: every change returns a new one."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.domain.strategies import distribution_of, wheel_of
from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import (
    ContextFullError,
    InvalidInputError,
    NoPromptError,
    NothingToRedoError,
    NothingToUndoError,
)

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
SETTINGS = WheelSettings(threshold=0.2, temperature=0.5)
WHEEL = wheel_of(0.5, 0.375, 0.125, threshold=0.2)

EMPTY = WheelSession(
    session_id="11111111-2222-4333-8444-555555555555",
    model_id="gpt2",
    created_at=NOON,
    last_accessed=NOON,
    version=7,
)
PROMPTED = EMPTY.with_prompt((1, 2, 0))


def picked(token_id):
    return ChosenToken.from_wheel(
        WHEEL, token_id, raw_prob=0.25, settings=SETTINGS, selected_at=NOON
    )


def drawn(u):
    spin = Spin.at(WHEEL, u)
    return ChosenToken.from_wheel(
        WHEEL, spin.token_id, raw_prob=0.25, settings=SETTINGS, selected_at=NOON, spin=spin
    )


def test_a_new_session_has_no_text_and_requires_a_prompt():
    assert not EMPTY.has_prompt
    assert (EMPTY.token_ids, EMPTY.num_draws, EMPTY.rev) == ((), 0, 0)
    with pytest.raises(NoPromptError):
        EMPTY.require_room(64)


def test_a_prompt_starts_the_text():
    assert PROMPTED.has_prompt
    assert PROMPTED.token_ids == (1, 2, 0)
    assert PROMPTED.rev == EMPTY.rev + 1


def test_a_chosen_token_keeps_its_settings_and_leaves_those_of_the_wheel_served():
    after = PROMPTED.with_token(picked(2))
    assert after.token_ids == (1, 2, 0, 2)
    assert after.num_tokens == 4
    assert after.history[-1].settings == SETTINGS
    assert after.settings == PROMPTED.settings
    assert after.rev == PROMPTED.rev + 1


def test_a_change_leaves_the_old_session_as_it_was():
    before = replace(PROMPTED)
    PROMPTED.with_token(picked(2))
    assert before == PROMPTED


def test_only_draws_are_counted():
    after = PROMPTED.with_token(picked(0)).with_token(drawn(0.0)).with_token(drawn(0.9))
    assert after.num_draws == 2


def test_undo_removes_the_last_token_and_keeps_the_count_of_draws():
    before = PROMPTED.with_token(drawn(0.0)).with_token(drawn(0.9))
    after = before.without_last_token()
    assert after.token_ids == before.token_ids[:-1]
    assert after.rev == before.rev + 1
    assert after.num_draws == 2


def test_the_prompt_cannot_be_undone():
    with pytest.raises(NothingToUndoError):
        PROMPTED.with_token(picked(0)).without_last_token().without_last_token()


def test_a_new_prompt_clears_the_history_and_the_count_of_draws_but_keeps_the_settings():
    after = PROMPTED.with_settings(SETTINGS).with_token(drawn(0.0)).with_prompt((2,))
    assert (after.token_ids, after.history, after.num_draws) == ((2,), (), 0)
    assert after.settings == SETTINGS
    assert after.rev == PROMPTED.rev + 2


def test_a_change_of_settings_leaves_the_revision():
    after = PROMPTED.with_settings(SETTINGS)
    assert after.settings == SETTINGS
    assert after.rev == PROMPTED.rev


def test_no_change_touches_the_version_which_the_store_sets():
    changes = [
        PROMPTED,
        PROMPTED.with_token(picked(0)),
        PROMPTED.with_token(picked(0)).without_last_token(),
        PROMPTED.with_settings(SETTINGS),
    ]
    assert {session.version for session in changes} == {7}


def test_there_is_room_until_the_context_window_is_full():
    PROMPTED.require_room(4)
    with pytest.raises(ContextFullError, match="3 of 3 tokens"):
        PROMPTED.require_room(3)


def test_a_text_has_ended_once_an_end_of_text_token_was_chosen():
    assert not PROMPTED.has_ended({0})
    ended = PROMPTED.with_token(picked(0))
    assert ended.has_ended({0})
    assert ended.with_token(picked(1)).has_ended({0})
    assert not ended.without_last_token().has_ended({0})


def test_a_drawn_token_carries_its_receipt():
    chosen = drawn(0.9)
    assert (chosen.token_id, chosen.u, chosen.segment_index) == (2, 0.9, 2)
    assert chosen.prob == pytest.approx(0.125)
    assert chosen.log_prob == pytest.approx(math.log(0.125))
    assert chosen.rank == 3
    assert chosen.is_drawn
    assert chosen.is_drawn_from_other
    assert chosen.entropy_bits == pytest.approx(WHEEL.distribution.entropy_bits)


def test_a_draw_above_the_threshold_is_not_one_from_other():
    chosen = drawn(0.5)
    assert (chosen.token_id, chosen.is_above, chosen.is_drawn_from_other) == (1, True, False)


def test_a_token_picked_by_hand_has_no_receipt():
    chosen = picked(2)
    assert (chosen.u, chosen.segment_index, chosen.is_drawn) == (None, None, False)
    assert not chosen.is_above
    assert not chosen.is_drawn_from_other


def test_a_filtered_token_picked_by_hand_has_no_log_probability():
    wheel = Wheel(distribution_of(0.5, 0.375, 0.125).truncate(2), 0.2)
    chosen = ChosenToken.from_wheel(wheel, 2, raw_prob=0.125, settings=SETTINGS, selected_at=NOON)
    assert (chosen.prob, chosen.log_prob, chosen.raw_prob) == (0, None, 0.125)


def test_the_rank_of_a_filtered_token_is_that_of_the_models_own_distribution():
    wheel = Wheel(distribution_of(0.125, 0.25, 0.5, 0.0625, 0.0625).truncate(1), 0.2)
    ranks = [
        ChosenToken.from_wheel(
            wheel, token_id, raw_prob=0, settings=SETTINGS, selected_at=NOON
        ).rank
        for token_id in range(5)
    ]
    assert ranks == [3, 2, 1, 4, 5]


STORY = PROMPTED.with_token(picked(0)).with_token(picked(1)).with_token(drawn(0.9))


@pytest.mark.parametrize("num_kept", [0, 1, 2])
def test_rewinding_keeps_the_first_tokens_and_remembers_the_others_the_next_one_last(num_kept):
    after = STORY.rewound_to(num_kept)
    assert after.history == STORY.history[:num_kept]
    assert after.undone == tuple(reversed(STORY.history[num_kept:]))
    assert (after.rev, after.num_draws) == (STORY.rev + 1, STORY.num_draws)


@pytest.mark.parametrize(("num_kept", "number"), [(-1, 0), (3, 4)])
def test_rewinding_must_remove_at_least_one_token(num_kept, number):
    with pytest.raises(InvalidInputError, match=f"token number {number}: there are 3"):
        STORY.rewound_to(num_kept)


def test_redo_appends_the_token_that_was_removed_last():
    after = STORY.rewound_to(1).without_last_token().with_token_redone()
    assert after.history == STORY.history[:1]
    assert after.undone == tuple(reversed(STORY.history[1:]))
    assert (after.rev, after.num_draws) == (STORY.rev + 3, STORY.num_draws)


def test_without_an_undone_token_there_is_nothing_to_redo():
    with pytest.raises(NothingToRedoError):
        STORY.with_token_redone()


@pytest.mark.parametrize(
    "change",
    [lambda session: session.with_token(picked(0)), lambda session: session.with_prompt((1,))],
    ids=["token", "prompt"],
)
def test_another_token_or_prompt_clears_what_could_be_redone(change):
    assert change(STORY.rewound_to(1)).undone == ()


def test_a_change_of_settings_keeps_what_could_be_redone():
    undone = STORY.rewound_to(1)
    assert undone.with_settings(SETTINGS).undone == undone.undone
