"""The simulations that the sessions of a class note, and their sum."""

from collections import Counter

import numpy as np
import pytest

from tests.services.classrooms.conftest import session_of
from wheel import services
from wheel.models import Classroom, ClassState
from wheel.services import classrooms
from wheel.services.classrooms.class_draws import CountsCache


def simulate(session_id, num_spins=100, seed=1, **overrides):
    return services.simulate(
        session_id=session_id, num_spins=num_spins, seed=seed, overrides=overrides
    )


def drawn(session_id, num_spins=100, seed=1):
    """The counts of a simulation of this session, which is in no class."""
    return Counter(simulate(session_id, num_spins, seed).draws.token_ids.tolist())


@pytest.fixture
def lonely(wheel_runtime, db):
    """The id of a session without a class, with the same text."""
    return services.start_text(prompt="The cat sat on the").session_id


def found(classroom):
    stories = classrooms.load_stories(classroom)
    beginning = classrooms.find_beginning(classroom, stories)
    assert beginning is not None
    view = services.wheel_after(
        model_id=beginning.model_id,
        token_ids=beginning.token_ids,
        settings=classroom.wheel_settings,
    )
    return classrooms.find_class_draws(classroom, stories, beginning, view)


def test_the_last_simulation_of_a_member_is_noted_in_its_session(join):
    session_id = join()
    before = session_of(session_id)
    simulate(session_id, 100, 1)
    simulate(session_id, 1000, 2, temperature=0.5)
    after = session_of(session_id)
    assert (after.simulation.num_spins, after.simulation.seed) == (1000, 2)
    assert after.simulation.settings.temperature == 0.5
    assert after.simulation.position == 0
    assert (after.rev, after.history, after.settings) == (
        before.rev,
        before.history,
        before.settings,
    )


def test_the_session_of_nobodys_class_notes_nothing(lonely):
    before = session_of(lonely).version
    simulate(lonely)
    assert session_of(lonely).simulation is None
    assert session_of(lonely).version == before


@pytest.mark.parametrize("state", [ClassState.FROZEN, ClassState.CLOSED])
def test_a_member_who_may_only_look_sees_its_draws_and_notes_nothing(classroom, join, state):
    session_id = join()
    classrooms.set_state(classroom, state)
    assert simulate(session_id).draws.num_spins == 100
    assert session_of(session_id).simulation is None


def test_the_same_simulation_again_writes_nothing(classroom, join):
    session_id = join()
    simulate(session_id)
    before = session_of(session_id).version
    simulate(session_id)
    assert session_of(session_id).version == before


def test_a_simulation_is_a_change_that_the_wall_sees(classroom, join):
    session_id = join()
    classroom.refresh_from_db()
    simulate(session_id)
    version = classroom.version
    classroom.refresh_from_db()
    assert classroom.version == version + 1


def test_the_draws_of_all_members_are_summed(classroom, join, lonely):
    expected: Counter[int] = Counter()
    for seed, num_spins in ((1, 100), (2, 1000), (3, 1)):
        simulate(join(), num_spins, seed)
        expected += drawn(lonely, num_spins, seed)
    join()
    now = found(classroom)
    assert now.counts == expected
    assert now.num_draws == 1101
    assert (now.num_members, now.num_waiting, now.num_others, now.num_repeated) == (3, 1, 0, 0)


def test_a_new_simulation_takes_the_place_of_the_one_before(classroom, join, lonely):
    session_id = join()
    simulate(session_id, 100, 1)
    simulate(session_id, 10, 2)
    assert found(classroom).counts == drawn(lonely, 10, 2)


def test_draws_with_one_seed_are_counted_once_with_the_longest_of_them(classroom, join, lonely):
    for num_spins in (100, 500, 10):
        simulate(join(), num_spins, 7)
    now = found(classroom)
    assert now.counts == drawn(lonely, 500, 7)
    assert (now.num_members, now.num_repeated) == (3, 2)


def test_draws_from_another_wheel_are_not_counted(classroom, join):
    warmer, further, elsewhere = (join() for _ in range(3))
    simulate(warmer, temperature=1.5)
    services.append_token(session_id=further, token_id=8)
    simulate(further)
    services.set_prompt(session_id=elsewhere, prompt="A dog")
    simulate(elsewhere)
    now = found(classroom)
    assert (now.num_draws, now.num_members, now.num_others) == (0, 0, 3)


def test_another_threshold_is_the_same_wheel(classroom, join, lonely):
    simulate(join(), threshold=0.1)
    assert found(classroom).counts == drawn(lonely)


def test_the_draws_stay_while_the_story_goes_on(classroom, join, lonely):
    session_id = join()
    simulate(session_id)
    classrooms.spin_everyone(classroom, 1)
    assert len(session_of(session_id).history) == 1
    assert found(classroom).counts == drawn(lonely)


def test_a_reset_and_the_end_of_a_session_take_the_draws_away(classroom, join):
    first, second = join(), join()
    simulate(first, seed=1)
    simulate(second, seed=2)
    services.delete_session(session_id=first)
    assert found(classroom).num_members == 1
    classrooms.reset_all(classroom)
    assert found(classroom).num_members == 0


def test_a_virtual_member_is_not_waited_for(classroom):
    classrooms.add_virtual_members(classroom, 2)
    assert found(classroom).num_waiting == 0


def test_other_settings_of_the_class_make_another_sum(classroom, join):
    simulate(join())
    Classroom.objects.update(temperature=1.5)
    classroom.refresh_from_db()
    assert (found(classroom).num_draws, found(classroom).num_others) == (0, 1)


def test_the_counts_that_were_not_used_for_the_longest_time_are_dropped():
    cache = CountsCache(max_counts=2)
    one, two, three = ((np.array([number]), np.array([1])) for number in (1, 2, 3))
    cache.put("one", one)
    cache.put("two", two)
    assert cache.get("one") is one
    cache.put("three", three)
    assert cache.get("one") is one
    assert cache.get("two") is None
    assert cache.get("three") is three
