"""Past states of a session, restored from the changes that it remembers."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import wheel_of
from wheel.domain.past_sessions import session_after_request, session_before_last_change
from wheel.domain.spin import Spin
from wheel.domain.wheel_session import (
    MAX_RECENT_CHANGES,
    ChosenToken,
    KeyedRequest,
    WheelSession,
)
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS
from wheel.errors import BranchNotFoundError, InvalidInputError

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
WHEEL = wheel_of(0.5, 0.375, 0.125)
NEW = WheelSession(session_id="", model_id="gpt2", created_at=NOON, last_accessed=NOON)


def drawn(u):
    spin = Spin.at(WHEEL, u)
    return ChosenToken.from_wheel(
        WHEEL,
        spin.token_id,
        raw_prob=0.25,
        settings=NEUTRAL_SETTINGS,
        selected_at=NOON,
        spin=spin,
    )


def request(key):
    return KeyedRequest(key, digest="")


def text_of(session):
    return session.prompt_token_ids, session.history, session.rev


CHANGES = {
    "prompt": lambda session, u: session.with_prompt((1, 2, int(u * 100))),
    "token": lambda session, u: session.with_token(drawn(u)),
    "keyed token": lambda session, u: session.with_token(drawn(u), request(str(session.rev + 1))),
    "undo": lambda session, _: session.without_last_token(),
    "rewind": lambda session, u: session.rewound_to(int(u * len(session.history))),
    "redo": lambda session, _: session.with_token_redone(),
    "restore": lambda session, u: session.with_branch_restored(
        1 + int(u * session.branches.last_number)
    ),
}
changes = st.tuples(st.sampled_from(list(CHANGES)), st.floats(0, 0.99))


def states_of(steps):
    """Every state of a session that these changes are made to, where they are possible."""
    states = [NEW]
    for name, u in steps:
        try:
            state = CHANGES[name](states[-1], u)
        except (InvalidInputError, BranchNotFoundError):
            continue
        if state.rev > states[-1].rev:
            states.append(state)
    return states


@given(st.lists(changes, max_size=60))
def test_a_request_of_the_last_twenty_changes_leads_back_to_the_state_after_it(steps):
    states = states_of(steps)
    by_key = {
        str(state.rev): (before, state)
        for before, state in pairwise(states)
        if state.recent_changes and state.recent_changes[-1].request
    }
    now = states[-1]
    for key, (before, after) in by_key.items():
        found = session_after_request(now, key)
        if now.rev - after.rev >= MAX_RECENT_CHANGES:
            assert found is None
            continue
        assert found is not None
        assert text_of(found) == text_of(after)
        assert text_of(session_before_last_change(found)) == text_of(before)


@given(st.lists(changes, max_size=60))
def test_the_changes_begin_with_one_that_has_a_key_and_are_at_most_twenty(steps):
    for session in states_of(steps):
        recent = session.recent_changes
        assert len(recent) <= MAX_RECENT_CHANGES
        assert not recent or recent[0].request is not None


@pytest.mark.parametrize("num_later", [0, 1, 19])
def test_a_key_is_found_until_twenty_changes_have_been_made_with_it(num_later):
    session = NEW.with_prompt((1,)).with_token(drawn(0.1), request("a"))
    after = session
    for _ in range(num_later):
        session = session.with_token(drawn(0.2))
    found = session_after_request(session, "a")
    assert found is not None
    assert text_of(found) == text_of(after)


def test_a_key_is_forgotten_with_the_twentieth_change_after_it():
    session = NEW.with_prompt((1,)).with_token(drawn(0.1), request("a"))
    for _ in range(20):
        session = session.with_token(drawn(0.2))
    assert session_after_request(session, "a") is None
    assert session.recent_changes == ()


def test_a_key_that_no_request_had_is_not_found():
    session = NEW.with_prompt((1,)).with_token(drawn(0.1), request("a"))
    assert session_after_request(session, "b") is None
    assert session_after_request(NEW, "a") is None


def test_a_change_of_settings_is_no_change_of_the_text():
    session = NEW.with_prompt((1,)).with_token(drawn(0.1), request("a"))
    settings = replace(NEUTRAL_SETTINGS, temperature=2.0)
    assert session.with_settings(settings).recent_changes == session.recent_changes
