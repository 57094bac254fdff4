"""Guesses and simulations of a session when its text changes."""

from dataclasses import replace

from tests.sessions.sessions import DRAWN, new_session
from wheel.domain.guess import Guess
from wheel.domain.simulation_record import SimulationRecord
from wheel.domain.wheel_settings import WheelSettings

SETTINGS = WheelSettings(temperature=0.5)


def guess(position):
    return Guess(position, token_id=7, log_prob=-1.0, rank=3)


def with_guesses(session, num, token_id):
    """The session with so many more guesses, each followed by this token."""
    for _ in range(num):
        guessed = session.with_guess(guess(len(session.history)))
        session = guessed.with_token(replace(DRAWN, token_id=token_id))
    return session


def test_a_simulation_is_noted_with_its_place_and_leaves_rev_as_it_is():
    before = new_session().with_token(DRAWN).with_token(DRAWN)
    after = before.with_simulation(1000, 5, SETTINGS)
    assert after.simulation == SimulationRecord(2, 1000, 5, SETTINGS)
    assert (after.rev, after.history) == (before.rev, before.history)


def test_a_simulation_stays_while_the_text_grows_and_until_its_place_is_left():
    session = new_session().with_token(DRAWN).with_simulation(1000, 5, SETTINGS)
    grown = session.with_token(DRAWN).with_token(DRAWN)
    assert grown.simulation == session.simulation
    assert grown.rewound_to(1).simulation == session.simulation
    assert grown.rewound_to(0).simulation is None
    assert grown.with_prompt((5,)).simulation is None


def test_guesses_and_simulations_on_another_way_are_forgotten_with_a_branch():
    session = with_guesses(new_session(prompt_token_ids=(1,)), 2, token_id=5)
    left = session.rewound_to(1)  # the first way is left for another
    other = with_guesses(left, 3, token_id=6).with_simulation(10, 5, SETTINGS)
    assert [one.position for one in other.guesses] == [0, 1, 2, 3]
    [number] = [branch.number for branch in other.branches.left]
    restored = other.with_branch_restored(number)
    assert len(restored.history) == 2
    assert [one.position for one in restored.guesses] == [0]
    assert restored.simulation is None
